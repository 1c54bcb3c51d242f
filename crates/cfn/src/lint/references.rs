//! Whether what a function returns fits the property.

use super::codes;
use super::linter::Linter;
use super::linter::help;
use super::model::Resource;
use super::parameters;
use super::place::Place;
use super::properties::Of;
use crate::schema::Property;
use crate::source::Node;

/// What a function returns, as far as that can be told.
enum Returns {
    Text,
    List,
    Unknown,
}

/// Checks a function other than `Fn::If` in the place of a value.
pub(super) fn check(
    linter: &mut Linter<'_>,
    place: &Place<'_>,
    node: &Node,
    property: &Property,
    of: Of<'_>,
) {
    let Some((name, argument)) = node.function() else { return };
    let kinds = property.kinds;
    let returns = returns(linter, name, argument, node);
    let fault = match returns {
        Returns::Text if kinds.is_list() => Some("a list belongs here, but this returns a text"),
        Returns::Text if kinds.is_object() => Some("an object belongs here, but this returns a text"),
        Returns::List if kinds.is_scalar() => Some("a text belongs here, but this returns a list"),
        _ => None,
    };
    if let Some(fault) = fault {
        linter.report(&codes::KIND, node.span, place, format!("{fault}: `{name}`"));
        return;
    }
    typed(linter, place, node, property, of);
}

fn returns(linter: &Linter<'_>, name: &str, argument: &Node, node: &Node) -> Returns {
    match name {
        "Fn::Sub" | "Fn::Join" | "Fn::Base64" | "Fn::ToJsonString" => Returns::Text,
        "Fn::Split" | "Fn::Cidr" | "Fn::GetAZs" => Returns::List,
        "Ref" => {
            let Some(target) = argument.as_str() else { return Returns::Unknown };
            if let Some(parameter) = linter.model.parameters.get(target) {
                return match parameter.value.get("Type").and_then(Node::as_str) {
                    Some(kind) if parameters::is_list(kind) => Returns::List,
                    Some(_) => Returns::Text,
                    None => Returns::Unknown,
                };
            }
            match target {
                "AWS::NotificationARNs" => Returns::List,
                _ if target.starts_with("AWS::") || linter.model.resources.contains_key(target) => {
                    Returns::Text
                }
                _ => Returns::Unknown,
            }
        }
        "Fn::GetAtt" => {
            let schema =
                |id| linter.model.resources.get(id).and_then(|resource: &Resource<'_>| resource.schema);
            let kind = node.get_att().and_then(|(id, attribute)| schema(id)?.attribute(attribute));
            match kind {
                Some("a") => Returns::List,
                Some("s" | "i" | "n" | "b") => Returns::Text,
                _ => Returns::Unknown,
            }
        }
        _ => Returns::Unknown,
    }
}

/// Types whose attributes may hold anything.
const OPAQUE: [&str; 4] = [
    "AWS::CloudFormation::CustomResource",
    "AWS::CloudFormation::Stack",
    "AWS::SSM::Parameter",
    "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
];

/// The formats of `Ref` to a parameter of such a type.
const PARAMETERS: [(&str, &str); 4] = [
    ("AWS::EC2::SecurityGroup::Id", "AWS::EC2::SecurityGroup.Id"),
    ("AWS::EC2::Subnet::Id", "AWS::EC2::Subnet.Id"),
    ("AWS::EC2::VPC::Id", "AWS::EC2::VPC.Id"),
    ("AWS::EC2::Image::Id", "AWS::EC2::Image.Id"),
];

fn typed(linter: &mut Linter<'_>, place: &Place<'_>, node: &Node, property: &Property, of: Of<'_>) {
    let wanted = property.formats();
    if let Some(name) = node.reference()
        && let Some(parameter) = linter.model.parameters.get(name)
    {
        let kind = parameter.value.get("Type").and_then(Node::as_str).unwrap_or_default();
        if let Some((_, format)) = PARAMETERS.iter().find(|(known, _)| *known == kind)
            && !wanted.is_empty()
            && wanted.iter().all(|wanted| PARAMETERS.iter().any(|row| row.1 == *wanted))
            && !wanted.contains(format)
        {
            let message = format!("`{name}` is a {kind}, but {} belongs here", wanted.join(" or "));
            linter.report(&codes::REFERENCE, node.span, place, message);
        }
        return;
    }
    let (id, attribute) = match (node.reference(), node.get_att()) {
        (Some(id), _) => (id, None),
        (None, Some((id, attribute))) => (id, Some(attribute)),
        _ => return,
    };
    let Some(source) = linter.model.resources.get(id).copied() else { return };
    let Some(schema) = source.schema else { return };
    if OPAQUE.contains(&source.kind) {
        return;
    }
    let path = match attribute {
        Some(attribute) => Some(attribute.to_owned()),
        None => (schema.identifier.len() == 1).then(|| schema.identifier[0].clone()),
    };
    if !wanted.is_empty() {
        let found = match source.kind {
            // Without a VPC (EC2 classic) it was the group's name.
            "AWS::EC2::SecurityGroup" if attribute.is_none() && source.get("VpcId").is_some() => {
                vec!["AWS::EC2::SecurityGroup.Id"]
            }
            _ => path
                .as_deref()
                .and_then(|path| schema.property(path))
                .map(Property::formats)
                .unwrap_or_default(),
        };
        if !wanted.iter().any(|wanted| found.contains(wanted)) {
            report(linter, place, node, &source, &wanted);
            return;
        }
        return;
    }
    let Some(allowed) = of.schema.relations.get(&place.schema_path()) else { return };
    // Only where the list is for one type: lists for several types are not complete.
    let prefix = format!("{}.", source.kind);
    let own: Vec<&str> = allowed.iter().filter_map(|one| one.strip_prefix(&prefix)).collect();
    let is_arn = |name: &str| name.to_ascii_lowercase().ends_with("arn");
    let gives_arn = path.as_deref().is_some_and(is_arn) || source.kind == "AWS::SecretsManager::Secret";
    if !own.is_empty() && own.iter().all(|name| is_arn(name)) && !gives_arn && attribute.is_none() {
        let wanted: Vec<&str> = allowed.iter().map(String::as_str).collect();
        report(linter, place, node, &source, &wanted);
    }
}

fn report(linter: &mut Linter<'_>, place: &Place<'_>, node: &Node, source: &Resource<'_>, wanted: &[&str]) {
    let returned = match (node.get_att(), source.schema.map(|schema| schema.identifier.as_slice())) {
        (Some((_, attribute)), _) => format!("its `{attribute}`"),
        (None, Some([identifier])) => format!("its `{identifier}`"),
        _ => "its identifier".to_owned(),
    };
    let message = format!(
        "{} belongs here, but this is the {} `{}` by {returned}",
        wanted.join(" or "),
        source.kind,
        source.id
    );
    let finding = linter.report(&codes::REFERENCE, node.span, place, message);
    let fitting = wanted.iter().find_map(|wanted| {
        let (kind, _) = wanted.rsplit_once('.')?;
        let schema = source.schema.filter(|_| kind == source.kind)?;
        schema
            .attributes
            .keys()
            .find(|name| {
                let formats = schema.property(name).map(Property::formats).unwrap_or_default();
                formats.contains(wanted) || wanted.ends_with(&format!(".{name}"))
            })
            .map(String::as_str)
    });
    if let Some(attribute) = fitting {
        help(finding, format!("use `!GetAtt {}.{attribute}`", source.id));
    }
}
