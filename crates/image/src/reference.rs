//! Names of images.

use std::fmt;
use std::str::FromStr;

use sha2::Digest;
use sha2::Sha256;

use crate::ImageError;
use crate::hash::hex_prefix;

/// An image reference, `registry/repository:tag@digest` (grammar: github.com/distribution/
/// reference). What is not written is `None`: nothing is filled in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reference {
    /// Host, with port where one is given.
    pub registry: Option<String>,
    /// Path without registry, such as `library/nginx` or `nginx`.
    pub repository: String,
    /// Tag.
    pub tag: Option<String>,
    /// Digest with algorithm, such as `sha256:…`.
    pub digest: Option<String>,
}

impl FromStr for Reference {
    type Err = ImageError;

    fn from_str(text: &str) -> Result<Reference, ImageError> {
        let wrong = |reason| ImageError::Reference { text: text.to_owned(), reason };
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) if is_valid_digest(digest) => (name, Some(digest.to_owned())),
            Some(_) => return Err(wrong("the digest must be `sha256:` and 64 hexadecimal digits")),
            None => (text, None),
        };
        // A colon before the last slash belongs to a port.
        let (name, tag) = match name.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag.to_owned())),
            _ => (name, None),
        };
        if tag.as_deref().is_some_and(|tag| !is_valid_tag(tag)) {
            return Err(wrong(
                "a tag has at most 128 letters, digits, `_`, `.`, `-`, and begins with none of the last two",
            ));
        }
        let (registry, repository) = match name.split_once('/') {
            Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => {
                (Some(first.to_owned()), rest)
            }
            _ => (None, name),
        };
        if registry.as_deref().is_some_and(|registry| !is_valid_registry(registry)) {
            return Err(wrong("the registry is no host name"));
        }
        if !is_valid_repository(repository) {
            return Err(wrong(
                "a repository has lower-case letters and digits, separated by one of `/`, `.`, `_`, `__`, `-`",
            ));
        }
        Ok(Reference { registry, repository: repository.to_owned(), tag, digest })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(registry) = &self.registry {
            write!(f, "{registry}/")?;
        }
        f.write_str(&self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

/// Returns true for a valid tag.
pub fn is_valid_tag(tag: &str) -> bool {
    let word = |next: char| next.is_ascii_alphanumeric() || next == '_';
    tag.len() <= 128
        && tag.chars().next().is_some_and(word)
        && tag.chars().all(|next| word(next) || next == '.' || next == '-')
}

/// Returns true for a valid repository path (without registry).
pub fn is_valid_repository(path: &str) -> bool {
    path.len() <= 255 && path.split('/').all(is_valid_component)
}

fn is_valid_component(component: &str) -> bool {
    let plain = |next: char| next.is_ascii_lowercase() || next.is_ascii_digit();
    if !component.starts_with(plain) || !component.ends_with(plain) {
        return false;
    }
    component
        .split(plain)
        .filter(|separator| !separator.is_empty())
        .all(|separator| [".", "_", "__"].contains(&separator) || separator.chars().all(|next| next == '-'))
}

fn is_valid_registry(registry: &str) -> bool {
    let (host, port) = registry.split_once(':').unwrap_or((registry, "0"));
    let host_fits = host.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|next| next.is_ascii_alphanumeric() || next == '-')
    });
    host_fits && !port.is_empty() && port.chars().all(|next| next.is_ascii_digit())
}

fn is_valid_digest(digest: &str) -> bool {
    digest.strip_prefix("sha256:").is_some_and(|hash| {
        hash.len() == 64 && hash.chars().all(|next| matches!(next, '0'..='9' | 'a'..='f'))
    })
}

/// Returns the name of an image that is built on this machine from content with this hash:
/// `seaway.local/<instance>/<app>/<service>:<first 16 digits>`. The instance (of the state folder)
/// keeps apart what `local down` of one folder removes. Names that are no repository component
/// get a part of their own hash, so that two of them never meet.
pub fn local_tag(instance: &str, app: &str, service: &str, content_hash: &str) -> String {
    let short: String = content_hash.chars().take(16).collect();
    format!("seaway.local/{}/{}/{}:{short}", component(instance), component(app), component(service))
}

fn component(name: &str) -> String {
    if is_valid_component(name) {
        return name.to_owned();
    }
    let words: Vec<String> = name
        .split(|next: char| !next.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let unique = hex_prefix(&Sha256::digest(name.as_bytes()), 8);
    format!("{}-{unique}", if words.is_empty() { "image".to_owned() } else { words.join("-") })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn references() {
        let digested = format!("ghcr.io/a/b:1@{DIGEST}");
        let table = [
            ("nginx", None, "nginx", None, false),
            ("nginx:1.27-alpine", None, "nginx", Some("1.27-alpine"), false),
            ("library/nginx", None, "library/nginx", None, false),
            ("localhost/x", Some("localhost"), "x", None, false),
            ("localhost:5000/a/b", Some("localhost:5000"), "a/b", None, false),
            ("localhost:5000/a/b:t", Some("localhost:5000"), "a/b", Some("t"), false),
            (
                "1.dkr.ecr.eu-west-1.amazonaws.com/shop/web:v_1",
                Some("1.dkr.ecr.eu-west-1.amazonaws.com"),
                "shop/web",
                Some("v_1"),
                false,
            ),
            (&digested, Some("ghcr.io"), "a/b", Some("1"), true),
            ("a__b/c--d.e", None, "a__b/c--d.e", None, false),
        ];
        for (text, registry, repository, tag, digest) in table {
            let parsed: Reference = text.parse().unwrap();
            assert_eq!(parsed.registry.as_deref(), registry, "{text}");
            assert_eq!(parsed.repository, repository, "{text}");
            assert_eq!(parsed.tag.as_deref(), tag, "{text}");
            assert_eq!(parsed.digest.is_some(), digest, "{text}");
            assert_eq!(parsed.to_string(), text);
        }
        for text in [
            "",
            "Nginx",
            "a//b",
            "a:",
            "a:-x",
            "a@sha256:12",
            "a..b",
            "-a",
            "a___b",
            "host.x:/a",
            "x.y:1z/a",
            "a/b/",
            "ä",
        ] {
            assert!(matches!(text.parse::<Reference>(), Err(ImageError::Reference { .. })), "{text}");
        }
    }

    #[test]
    fn local_names_are_valid_and_distinct() {
        let names = ["web", "Web", "web_", "my-a", "mya", "_", "a.b", "UPPER_case", "a___b"];
        let mut tags: Vec<String> =
            names.iter().map(|name| local_tag("0a1b2c3d", "shop", name, &"0f".repeat(32))).collect();
        for tag in &tags {
            assert!(tag.parse::<Reference>().is_ok(), "{tag}");
        }
        assert_eq!(tags[0], "seaway.local/0a1b2c3d/shop/web:0f0f0f0f0f0f0f0f");
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), names.len());
    }
}
