//! Templates to YAML, functions in their short forms.

use serde_json::Value as Json;

use crate::Template;

/// Functions whose short form takes the same argument as the long one.
const SHORT: [&str; 14] = [
    "Fn::And",
    "Fn::Base64",
    "Fn::Cidr",
    "Fn::Equals",
    "Fn::FindInMap",
    "Fn::GetAZs",
    "Fn::If",
    "Fn::ImportValue",
    "Fn::Join",
    "Fn::Not",
    "Fn::Or",
    "Fn::Select",
    "Fn::Split",
    "Fn::Sub",
];

impl Template {
    /// Returns the template as YAML: sections in their canonical order, functions as `!Sub` and
    /// the like. Text that another YAML reader could take for something else is quoted.
    pub fn to_yaml_string(&self) -> String {
        let mut out = String::new();
        let json = self.to_json();
        match &json {
            Json::Object(map) if !map.is_empty() => mapping(&mut out, map, 0, true),
            other => {
                value(&mut out, other);
            }
        }
        if !out.ends_with('\n') {
            out.push('\n');
        }
        out
    }
}

fn mapping(out: &mut String, map: &serde_json::Map<String, Json>, indent: usize, first_inline: bool) {
    for (index, (key, item)) in map.iter().enumerate() {
        if index > 0 || !first_inline {
            pad(out, indent);
        }
        text(out, key);
        out.push(':');
        child(out, item, indent);
    }
}

/// Writes a value behind `key:` or a tag.
fn child(out: &mut String, item: &Json, indent: usize) {
    if let Some((tag, argument)) = short(item) {
        out.push(' ');
        out.push_str(&tag);
        return child(out, &argument, indent);
    }
    match item {
        Json::Object(map) if !map.is_empty() => {
            out.push('\n');
            mapping(out, map, indent + 2, false);
        }
        Json::Array(items) if !items.is_empty() => {
            out.push('\n');
            sequence(out, items, indent + 2);
        }
        other => {
            out.push(' ');
            value(out, other);
            out.push('\n');
        }
    }
}

fn sequence(out: &mut String, items: &[Json], indent: usize) {
    for item in items {
        pad(out, indent);
        out.push('-');
        match item {
            Json::Object(map) if !map.is_empty() && short(item).is_none() => {
                out.push(' ');
                mapping(out, map, indent + 2, true);
            }
            _ => child(out, item, indent),
        }
    }
}

/// Returns tag and argument of a function that has a short form. A tag right inside of a tag
/// (`!Base64 !Sub x`) is not YAML, so there the inner one keeps its long form.
fn short(item: &Json) -> Option<(String, Json)> {
    let Json::Object(map) = item else { return None };
    let (name, argument) = map.iter().next().filter(|_| map.len() == 1)?;
    let tag = match name.as_str() {
        "Ref" => argument.is_string().then(|| "!Ref".to_owned())?,
        "Fn::GetAtt" => {
            let names: Option<Vec<&str>> = argument.as_array()?.iter().map(Json::as_str).collect();
            return Some(("!GetAtt".to_owned(), Json::from(names?.join("."))));
        }
        _ if SHORT.contains(&name.as_str()) => format!("!{}", &name["Fn::".len()..]),
        _ => return None,
    };
    let nested = short(argument).is_some();
    (!nested).then(|| (tag, argument.clone()))
}

fn value(out: &mut String, item: &Json) {
    match item {
        Json::String(string) => text(out, string),
        other => out.push_str(&other.to_string()),
    }
}

fn text(out: &mut String, string: &str) {
    if is_plain(string) {
        out.push_str(string);
    } else {
        // A JSON string is a double-quoted YAML scalar.
        out.push_str(&Json::from(string).to_string());
    }
}

/// Returns true for text that every reader of YAML 1.1 and 1.2 takes for the same text.
fn is_plain(string: &str) -> bool {
    let mut bytes = string.bytes();
    let Some(first) = bytes.next() else { return false };
    let letter = first.is_ascii_alphabetic() || first == b'/' || first == b'_';
    let rest = bytes.all(|byte| byte.is_ascii_alphanumeric() || b"_-./+$(){}@=;~ :".contains(&byte));
    let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    letter
        && rest
        && !string.ends_with([' ', ':'])
        && !string.contains(": ")
        && !words.contains(&string.to_ascii_lowercase().as_str())
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

#[cfg(test)]
mod tests {
    use super::is_plain;
    use crate::Template;

    #[test]
    fn a_template() {
        let template = Template::from_json(
            r#"{"Conditions": {"Big": {"Fn::Equals": [{"Ref": "Size"}, "big"]}},
                "Parameters": {"Size": {"Type": "String", "Default": "no"}},
                "Resources": {"Q": {"Type": "AWS::SQS::Queue", "Condition": "Big", "Properties": {
                    "QueueName": {"Fn::Sub": "${AWS::StackName}-q"},
                    "Tags": [{"Key": "a", "Value": {"Fn::If": ["Big", "1", {"Ref": "AWS::NoValue"}]}}, {"Key": "b: c", "Value": ""}],
                    "DelaySeconds": 5, "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["D", "Arn"]}},
                    "KmsMasterKeyId": {"Fn::Base64": {"Fn::Sub": "x"}}, "RedriveAllowPolicy": {}}}}}"#,
        )
        .unwrap();
        insta::assert_snapshot!(template.to_yaml_string());
    }

    #[test]
    fn quotes() {
        for (text, plain) in [
            ("abc", true),
            ("AWS::SQS::Queue", true),
            ("${A.B}/x", false),
            ("a b", true),
            ("", false),
            ("yes", false),
            ("1", false),
            ("2010-09-09", false),
            ("a: b", false),
            ("a #b", false),
            ("*", false),
            ("a:", false),
            ("é", false),
        ] {
            assert_eq!(is_plain(text), plain, "{text}");
        }
    }
}
