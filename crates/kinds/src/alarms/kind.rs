//! Alarms as a kind.

use indexmap::IndexMap;
use seaway_cfn::Value;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_model::App;
use seaway_model::Resource;
use seaway_yaml::Node;

use super::data;
use super::expression;
use super::expression::Piece;
use crate::Facts;
use crate::Kind;
use crate::Metric;
use crate::Reference;
use crate::Synth;
use crate::codes;
use crate::common;
use crate::properties;
use crate::properties::Property;
use crate::properties::Type;
use crate::shape;

/// The kind `x-alarms`.
pub(crate) struct Alarms;

const COMPOSITE: &str = "AWS::CloudWatch::CompositeAlarm";

const TOPIC: &[Property] = &[
    Property { name: "TopicArn", kind: Type::Text },
    Property { name: "x-sns", kind: Type::Text },
    Property { name: "NotifyOn", kind: Type::Word(&["alarm", "okay", "insufficient", "all"]) },
];

fn rule(resource: &Resource) -> Option<&str> {
    common::text(common::macro_parameter(resource, "CompositeExpression"))
}

fn topics(resource: &Resource) -> &[Node] {
    resource.extra.get("Topics").and_then(|extension| extension.node.as_seq()).unwrap_or_default()
}

fn sibling(resource: &Resource, name: &str) -> Reference {
    Reference {
        module: resource.module.clone(),
        name: name.to_owned(),
        attribute: Some("Name".to_owned()),
        span: None,
    }
}

/// A bare name after `x-sns` is a topic of this file.
fn topic(name: &str) -> Reference {
    let name = name.strip_prefix("x-sns::").unwrap_or(name);
    Reference { module: "x-sns".to_owned(), name: name.to_owned(), attribute: None, span: None }
}

impl Kind for Alarms {
    fn facts(&self) -> &'static Facts {
        &data::FACTS
    }

    fn resource_type(&self, resource: &Resource) -> &'static str {
        if rule(resource).is_some() { COMPOSITE } else { data::FACTS.resource_type }
    }

    fn needs(&self, resource: &Resource) -> Vec<Reference> {
        let mut needed = common::references(resource);
        needed.extend(
            rule(resource)
                .map(expression::names)
                .unwrap_or_default()
                .iter()
                .map(|name| sibling(resource, name)),
        );
        for item in topics(resource) {
            if let Some(name) = item.as_map().and_then(|map| map.get("x-sns")).and_then(Node::as_str) {
                needed.push(topic(name));
            }
        }
        needed
    }

    fn check(&self, resource: &Resource, app: &App, sink: &mut Sink) {
        let name = &resource.name;
        let there = |reference: &Reference| {
            app.resources
                .iter()
                .any(|other| other.module == reference.module && other.name.value == reference.name)
        };
        for item in topics(resource) {
            properties::check(&format!("a topic of alarm `{}`", name.value), item, TOPIC, sink);
        }
        for reference in
            self.needs(resource).iter().filter(|reference| reference.span.is_none() && !there(reference))
        {
            sink.push(
                Diagnostic::error(
                    codes::BAD_REFERENCE,
                    format!(
                        "alarm `{}` needs `{}` of `{}`, which is not there",
                        name.value, reference.name, reference.module
                    ),
                )
                .label(name.span, "this alarm")
                .help(format!("define it under `{}`", reference.module)),
            );
        }
        if rule(resource).is_none() {
            for key in ["ComparisonOperator", "EvaluationPeriods"] {
                if common::property(resource, key).is_none() {
                    sink.push(
                        Diagnostic::error(codes::BAD_PROPERTY, format!("alarm `{}` has no `{key}`", name.value))
                            .label(name.span, "this alarm")
                            .help("an alarm needs a metric, a threshold, `ComparisonOperator` and `EvaluationPeriods`"),
                    );
                }
            }
        }
    }

    fn metric(&self, resource: &Resource) -> Option<Metric> {
        // Steps go up from the threshold, so an alarm that goes off below one cannot scale.
        let operator = common::text(common::property(resource, "ComparisonOperator"))?;
        if rule(resource).is_some() || !operator.starts_with("GreaterThan") {
            return None;
        }
        let node = resource.properties.as_ref()?;
        let mut alarm = shape::values(data::FACTS.resource_type, node, &|_| None);
        for key in [
            "AlarmName",
            "AlarmActions",
            "OKActions",
            "InsufficientDataActions",
            "Threshold",
            "Tags",
            "AlarmDescription",
        ] {
            alarm.shift_remove(key);
        }
        Some(Metric { alarm, dimension: None })
    }

    fn synth(&self, input: &Synth<'_>) -> IndexMap<String, seaway_cfn::Resource> {
        let resource = input.resource;
        let mut alarm = common::main(self, input);
        if let Some(rule) = rule(resource) {
            let mut variables = IndexMap::new();
            let mut text = String::new();
            for piece in expression::pieces(rule) {
                match piece {
                    Piece::Text(plain) => text.push_str(&plain),
                    Piece::Alarm(state, name) => {
                        let Some(value) = (input.value_of)(&sibling(resource, &name)) else { continue };
                        let place = match &value {
                            Value::Fn(intrinsic) => match intrinsic.as_ref() {
                                seaway_cfn::Intrinsic::Ref(id) => id.clone(),
                                _ => {
                                    let key = format!("Alarm{}", variables.len() + 1);
                                    variables.insert(key.clone(), value.clone());
                                    key
                                }
                            },
                            _ => continue,
                        };
                        text.push_str(&format!("{state}(\"${{{place}}}\")"));
                    }
                }
            }
            let whole = seaway_cfn::Intrinsic::Sub { template: text, variables };
            alarm.properties.insert("AlarmRule".to_owned(), whole.into());
        }
        let (mut alarms, mut okays, mut unknowns) = (Vec::new(), Vec::new(), Vec::new());
        for item in topics(resource).iter().filter_map(Node::as_map) {
            let given = |name: &str| item.get(name).and_then(Node::as_str);
            let arn = match (given("x-sns"), given("TopicArn")) {
                (Some(name), _) => (input.value_of)(&topic(name)),
                (None, text) => text.map(Value::from),
            };
            let Some(arn) = arn else { continue };
            let on = given("NotifyOn").unwrap_or("alarm");
            for (word, list) in
                [("alarm", &mut alarms), ("okay", &mut okays), ("insufficient", &mut unknowns)]
            {
                if on == word || on == "all" {
                    list.push(arn.clone());
                }
            }
        }
        for (name, list) in
            [("AlarmActions", alarms), ("OKActions", okays), ("InsufficientDataActions", unknowns)]
        {
            if list.is_empty() {
                continue;
            }
            let entry = alarm.properties.entry(name.to_owned()).or_insert(Value::List(Vec::new()));
            if let Value::List(known) = entry {
                known.extend(list);
            }
        }
        IndexMap::from([(input.id.to_owned(), alarm)])
    }
}
