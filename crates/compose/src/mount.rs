//! The short form of a mount (specification: 05-services.md, "volumes").

/// A short form that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Short<'a> {
    /// Volume or host path; `None` for an anonymous volume.
    pub(crate) source: Option<&'a str>,
    /// Path in the container.
    pub(crate) target: &'a str,
    /// `ro`.
    pub(crate) read_only: bool,
    /// What else stands behind the second `:`.
    pub(crate) options: Vec<&'a str>,
}

impl Short<'_> {
    /// Whether the source is a path of the host rather than the name of a volume.
    pub(crate) fn is_bind(&self) -> bool {
        self.source.is_some_and(|source| source.starts_with(['.', '/', '~']))
    }
}

/// Reads `[source:]target[:options]`.
///
/// # Errors
/// What is wrong, in words.
pub(crate) fn short(text: &str) -> Result<Short<'_>, &'static str> {
    let parts: Vec<_> = text.split(':').collect();
    let (source, target, options) = match parts.as_slice() {
        [target] => (None, *target, ""),
        [source, target] => (Some(*source), *target, ""),
        [source, target, options] => (Some(*source), *target, *options),
        _ => return Err("too many `:`"),
    };
    if source == Some("") {
        return Err("nothing stands before the first `:`");
    }
    if target.is_empty() {
        return Err("the path in the container is missing");
    }
    if !target.starts_with('/') {
        return Err("the path in the container must start with `/`");
    }
    let (mut read_only, mut others) = (false, Vec::new());
    for option in options.split(',').filter(|option| !option.is_empty()) {
        match option {
            "ro" => read_only = true,
            "rw" => {}
            "z" | "Z" | "nocopy" | "copy" | "cached" | "delegated" | "consistent" | "shared" | "rshared"
            | "slave" | "rslave" | "private" | "rprivate" | "volume-nocopy" => others.push(option),
            _ => return Err("an option after the second `:` is not known; `ro` and `rw` are"),
        }
    }
    Ok(Short { source, target, read_only, options: others })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms() {
        for (text, source, target, read_only, bind, options) in [
            ("/data", None, "/data", false, false, vec![]),
            ("db:/data", Some("db"), "/data", false, false, vec![]),
            ("./x:/data:ro", Some("./x"), "/data", true, true, vec![]),
            ("/x:/data:rw,z", Some("/x"), "/data", false, true, vec!["z"]),
            ("~/x:/data", Some("~/x"), "/data", false, true, vec![]),
        ] {
            let read = short(text).unwrap();
            assert_eq!(read, Short { source, target, read_only, options }, "{text}");
            assert_eq!(read.is_bind(), bind, "{text}");
        }
        for text in ["", "data", "a:", ":/x", "a:b", "a:/b:what", "a:/b:ro:rw"] {
            assert!(short(text).is_err(), "{text}");
        }
    }
}
