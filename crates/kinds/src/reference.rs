//! References between resources: `x-sqs::orders`, `x-kms::key::Arn`, `x-aws::AWS::Region`.

use seaway_cfn::Value;
use seaway_diag::Span;
use seaway_yaml::Node;
use seaway_yaml::Value as Yaml;

/// A reference to an attribute of another resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Module key.
    pub module: String,
    /// Name under the module.
    pub name: String,
    /// Attribute; `None`: its ARN.
    pub attribute: Option<String>,
    /// Place.
    pub span: Option<Span>,
}

/// Returns the reference that a whole text is.
pub fn parse(text: &str) -> Option<Reference> {
    let mut parts = text.splitn(3, "::");
    let (module, name) = (parts.next()?, parts.next()?);
    let attribute = parts.next().map(ToOwned::to_owned);
    let fits = module.starts_with("x-")
        && module != "x-aws"
        && module
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'-' || byte == b'_' || byte.is_ascii_digit())
        && !name.is_empty();
    fits.then(|| Reference { module: module.to_owned(), name: name.to_owned(), attribute, span: None })
}

/// Returns the pseudo parameter that a whole text names: `x-aws::AWS::Region`.
pub fn pseudo(text: &str) -> Option<Value> {
    let name = text.strip_prefix("x-aws::")?;
    name.starts_with("AWS::").then(|| Value::reference(name))
}

/// Collects the references of a node.
pub(crate) fn collect(node: &Node, found: &mut Vec<Reference>) {
    match &node.value {
        Yaml::Scalar(text, _) => {
            if let Some(mut reference) = parse(text) {
                reference.span = Some(node.span);
                if !found.iter().any(|known| known.same(&reference)) {
                    found.push(reference);
                }
            }
        }
        Yaml::Seq(items) => items.iter().for_each(|item| collect(item, found)),
        Yaml::Map(map) => map.iter().for_each(|entry| collect(&entry.value, found)),
        Yaml::Null => {}
    }
}

impl Reference {
    /// Returns true when both mean the same, wherever they stand.
    pub fn same(&self, other: &Reference) -> bool {
        (&self.module, &self.name, &self.attribute) == (&other.module, &other.name, &other.attribute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_references_or_not() {
        let parts = |text: &str| parse(text).map(|it| (it.module, it.name, it.attribute));
        assert_eq!(parts("x-sqs::q"), Some(("x-sqs".into(), "q".into(), None)));
        assert_eq!(parts("x-kms::k::Arn"), Some(("x-kms".into(), "k".into(), Some("Arn".into()))));
        for text in ["arn:aws:sqs:::q", "x-sqs", "x-sqs::", "AWS::Region", "x-aws::AWS::Region"] {
            assert_eq!(parts(text), None, "{text}");
        }
        assert_eq!(pseudo("x-aws::AWS::Region"), Some(Value::reference("AWS::Region")));
    }
}
