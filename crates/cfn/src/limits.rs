//! CloudFormation's quotas (user guide, "Understand CloudFormation quotas").

use crate::Template;

/// Resources in a template.
pub const MAX_RESOURCES: usize = 500;
/// Parameters of a template.
pub const MAX_PARAMETERS: usize = 200;
/// Outputs of a template.
pub const MAX_OUTPUTS: usize = 200;
/// Mappings of a template.
pub const MAX_MAPPINGS: usize = 200;
/// Bytes of a template that is passed in a request; a larger one is uploaded to a bucket.
pub const MAX_INLINE_BYTES: usize = 51_200;
/// Bytes of a template that is uploaded.
pub const MAX_BYTES: usize = 1_048_576;
/// Bytes of a template's description.
pub const MAX_DESCRIPTION_BYTES: usize = 1_024;
/// Characters of a logical id, a parameter name or an output name.
pub const MAX_NAME_LENGTH: usize = 255;
/// Bytes of a parameter's value.
pub const MAX_PARAMETER_BYTES: usize = 4_096;

/// What a finding means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitKind {
    /// The template must be uploaded to a bucket; it is fine otherwise.
    NeedsUpload,
    /// CloudFormation refuses the template.
    Refused,
}

/// A limit that a template exceeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitFinding {
    /// What it means.
    pub kind: LimitKind,
    /// Where, such as `Resources` or `Resources.my-queue`; empty for the whole template.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

/// Returns every limit that a template exceeds, as it is written by
/// [`Template::to_json_string`] without indentation.
pub fn check_limits(template: &Template) -> Vec<LimitFinding> {
    let mut findings = Vec::new();
    let mut refuse = |path: &str, message: String| {
        findings.push(LimitFinding { kind: LimitKind::Refused, path: path.to_owned(), message });
    };
    for (section, count, maximum) in [
        ("Parameters", template.parameters.len(), MAX_PARAMETERS),
        ("Mappings", template.mappings.len(), MAX_MAPPINGS),
        ("Resources", template.resources.len(), MAX_RESOURCES),
        ("Outputs", template.outputs.len(), MAX_OUTPUTS),
    ] {
        if count > maximum {
            refuse(section, format!("{count} of them, at most {maximum} are allowed"));
        }
    }
    if template.resources.is_empty() {
        refuse("Resources", "at least one resource is required".to_owned());
    }
    if let Some(description) = &template.description
        && description.len() > MAX_DESCRIPTION_BYTES
    {
        let bytes = description.len();
        refuse("Description", format!("{bytes} bytes, at most {MAX_DESCRIPTION_BYTES} are allowed"));
    }
    let names = [
        ("Parameters", template.parameters.keys().collect::<Vec<_>>()),
        ("Mappings", template.mappings.keys().collect()),
        ("Conditions", template.conditions.keys().collect()),
        ("Resources", template.resources.keys().collect()),
        ("Outputs", template.outputs.keys().collect()),
    ];
    for (section, names) in names {
        for name in names {
            if let Some(message) = name_fault(name) {
                refuse(&format!("{section}.{name}"), message);
            }
        }
    }
    for (name, parameter) in &template.parameters {
        let bytes = parameter.default.as_ref().map_or(0, String::len);
        if bytes > MAX_PARAMETER_BYTES {
            let message = format!("{bytes} bytes, at most {MAX_PARAMETER_BYTES} are allowed");
            refuse(&format!("Parameters.{name}.Default"), message);
        }
    }
    let bytes = template.to_json_string(false).len();
    if bytes > MAX_BYTES {
        refuse("", format!("{bytes} bytes, at most {MAX_BYTES} are allowed"));
    } else if bytes > MAX_INLINE_BYTES {
        findings.push(LimitFinding {
            kind: LimitKind::NeedsUpload,
            path: String::new(),
            message: format!("{bytes} bytes, more than {MAX_INLINE_BYTES} need a bucket"),
        });
    }
    findings
}

/// Returns true for a name that CloudFormation takes as logical id: letters and digits only.
pub fn is_logical_id(name: &str) -> bool {
    name_fault(name).is_none()
}

fn name_fault(name: &str) -> Option<String> {
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Some("a name may hold only the letters A-Z, a-z and digits".to_owned());
    }
    (name.len() > MAX_NAME_LENGTH)
        .then(|| format!("{} characters, at most {MAX_NAME_LENGTH} are allowed", name.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Output;
    use crate::Resource;
    use crate::Value;

    fn template(resources: usize) -> Template {
        let mut template = Template::default();
        for index in 0..resources {
            template.resources.insert(format!("Q{index}"), Resource::new("AWS::SQS::Queue"));
        }
        template
    }

    #[test]
    fn at_the_limit_nothing_is_found_and_beyond_it_is() {
        assert_eq!(check_limits(&template(500)), []);
        let findings = check_limits(&template(501));
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].path, "Resources");
        assert_eq!(findings[0].message, "501 of them, at most 500 are allowed");
    }

    #[test]
    fn all_at_once() {
        let mut template = template(0);
        template.description = Some("x".repeat(1025));
        for index in 0..201 {
            template.outputs.insert(
                format!("O{index}"),
                Output { value: Value::from("x"), description: None, condition: None, export: None },
            );
        }
        template.conditions.insert("my-condition".to_owned(), Value::Bool(true));
        let paths: Vec<String> = check_limits(&template).into_iter().map(|f| f.path).collect();
        assert_eq!(paths, ["Outputs", "Resources", "Description", "Conditions.my-condition"]);
    }

    #[test]
    fn size() {
        let mut template = template(1);
        template.metadata.insert("Text".to_owned(), Value::from("x".repeat(MAX_INLINE_BYTES)));
        assert_eq!(check_limits(&template)[0].kind, LimitKind::NeedsUpload);
        template.metadata.insert("Text".to_owned(), Value::from("x".repeat(MAX_BYTES)));
        assert_eq!(check_limits(&template)[0].kind, LimitKind::Refused);
    }

    #[test]
    fn names() {
        for (name, good) in [
            ("Web", true),
            ("web2", true),
            ("2", true),
            ("", false),
            ("my-web", false),
            ("my_web", false),
            ("Bücher", false),
            (&"x".repeat(255), true),
            (&"x".repeat(256), false),
        ] {
            assert_eq!(is_logical_id(name), good, "{name}");
        }
    }
}
