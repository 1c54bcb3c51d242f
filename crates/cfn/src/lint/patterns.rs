//! Regular expressions of the schemas.

use std::collections::BTreeMap;

use regex::bytes::Regex;
use regex::bytes::RegexBuilder;

/// Compiled once each.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    compiled: BTreeMap<(String, bool), Option<Regex>>,
}

impl Patterns {
    /// Returns true when the text matches, or when the expression cannot be told: ECMA 262 knows
    /// look-around, which regular expressions in the strict sense do not have.
    pub(super) fn matches(&mut self, pattern: &str, text: &str) -> bool {
        // Classes of all Unicode letters are large; for plain text their ASCII part is enough and
        // compiles a hundred times faster.
        let ascii = text.is_ascii();
        let key = (pattern.to_owned(), ascii);
        let compiled = self.compiled.entry(key).or_insert_with(|| compile(pattern, ascii));
        compiled.as_ref().is_none_or(|regex| regex.is_match(text.as_bytes()))
    }
}

fn compile(pattern: &str, ascii: bool) -> Option<Regex> {
    let mut pattern = pattern.replace("\\Z", "\\z").replace("\\/", "/");
    if ascii {
        for (class, letters) in [
            ("\\p{L}", "a-zA-Z"),
            ("\\p{Z}", " "),
            ("\\p{N}", "0-9"),
            ("\\p{M}", ""),
            ("\\p{S}", "$+<=>^`|~"),
            ("\\p{P}", "!-#%-*,-/:;?@\\[-\\]_{}"),
        ] {
            if pattern.contains(class) {
                // The letters only stand for it inside of `[…]`, which is where the registry uses it.
                if !pattern.contains('[') {
                    return build(&pattern, true);
                }
                pattern = pattern.replace(class, letters);
            }
        }
        if pattern.contains("\\p{") || pattern.contains("\\P{") || pattern.contains("\\u") {
            return build(&pattern, true);
        }
    }
    build(&pattern, !ascii)
}

fn build(pattern: &str, unicode: bool) -> Option<Regex> {
    RegexBuilder::new(pattern).unicode(unicode).size_limit(4 << 20).build().ok()
}

#[cfg(test)]
mod tests {
    use super::Patterns;

    #[test]
    fn expressions_of_the_schemas() {
        let mut patterns = Patterns::default();
        for (pattern, text, expected) in [
            (r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$", "seaway:app", true),
            (r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$", "a#b", false),
            (r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$", "Größe", true),
            (r"^[a-z]{2,3}$", "abcd", false),
            (r"\d+", "a1", true),
            // Look-around cannot be told.
            (r"^(?!aws)", "aws", true),
            (r"^arn:[^:]*:iam::\d{12}:role\/.+$", "arn:aws:iam::123456789012:role/x", true),
        ] {
            assert_eq!(patterns.matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn most_patterns_of_the_schemas_are_understood() {
        fn walk(property: &crate::schema::Property, found: &mut Vec<String>) {
            found.extend(property.pattern.clone());
            let children = property.properties.values().chain(property.items.as_deref());
            children.for_each(|child| walk(child, found));
        }
        let mut found = Vec::new();
        for name in [
            "AWS::ECS::Service",
            "AWS::SQS::Queue",
            "AWS::RDS::DBInstance",
            "AWS::WAFv2::WebACL",
            "AWS::S3::Bucket",
        ] {
            let kind = crate::schema::resource_type(name).unwrap();
            kind.properties.values().chain(kind.definitions.values()).for_each(|one| walk(one, &mut found));
        }
        let failed: Vec<&String> =
            found.iter().filter(|pattern| super::compile(pattern, true).is_none()).collect();
        assert!(found.len() > 20 && failed.len() * 20 < found.len(), "{failed:?} of {}", found.len());
    }
}
