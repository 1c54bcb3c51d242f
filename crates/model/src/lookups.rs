//! `seaway.lookups.json`: what is already there, answered once and committed like a lock file.
//!
//! `{"ENVIRONMENT": {"x-s3": {"NAME": {"BucketName": "…", "Arn": "…"}}}}`; the environment `*`
//! stands for all that have no entry of their own.

use indexmap::IndexMap;
use seaway_compose::Project;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;

use crate::codes;

type Lookups = IndexMap<String, IndexMap<String, IndexMap<String, String>>>;

/// Returns the answers for an environment: module → name → attribute → value.
pub(crate) fn read(project: &Project, environment: &str, sink: &mut Sink) -> Lookups {
    let Some(text) = project.beside.get(seaway_compose::LOOKUPS) else { return Lookups::new() };
    let mut all: IndexMap<String, Lookups> = match serde_json::from_str(text) {
        Ok(all) => all,
        Err(error) => {
            sink.push(
                Diagnostic::error(
                    codes::LOOKUPS,
                    format!("`{}` cannot be read: {error}", seaway_compose::LOOKUPS),
                )
                .note("it holds text only: environment → module → name → attribute → value")
                .help("restore it from version control, or write it anew"),
            );
            return Lookups::new();
        }
    };
    let mut found = all.shift_remove("*").unwrap_or_default();
    for (module, names) in all.shift_remove(environment).unwrap_or_default() {
        found.entry(module).or_default().extend(names);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::Lookups;

    #[test]
    fn the_format_is_nested_text() {
        let text = r#"{"*": {"x-s3": {"b": {"Arn": "arn:aws:s3:::b"}}}}"#;
        let all: indexmap::IndexMap<String, Lookups> = serde_json::from_str(text).unwrap();
        assert_eq!(all["*"]["x-s3"]["b"]["Arn"], "arn:aws:s3:::b");
    }
}
