//! Values of secrets: in memory, or in files of the user. Only names and the paths of files are
//! kept.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Mutex;

use seaway_cloud::SecretSource;
use seaway_cloud::SecretValue;
use secrecy::SecretString;
use tokio::sync::watch;

use crate::lock::lock;
use crate::realiser::SecretReader;
use crate::store::Store;

/// File of the paths.
const FILE: &str = "secret-files";

/// File of the names whose values are in memory only.
const NAMES: &str = "secret-names";

/// The secrets of all environments on this machine.
pub(crate) struct Secrets {
    store: Store,
    known: Mutex<Known>,
    changed: watch::Sender<u64>,
}

struct Known {
    sources: BTreeMap<String, SecretSource>,
    /// Names whose values an earlier process had.
    awaited: BTreeSet<String>,
}

impl Known {
    fn find(&self, name: &str) -> Option<&SecretSource> {
        let name = normal(name);
        self.sources.get(&name).or_else(|| self.sources.get(without_suffix(&name)?))
    }
}

impl Secrets {
    /// Opens them; those whose value came from a file are known again.
    pub(crate) fn open(store: Store) -> std::io::Result<Secrets> {
        let files: BTreeMap<String, String> = store.load(FILE)?.unwrap_or_default();
        let sources = files.into_iter().map(|(name, path)| (name, SecretSource::File(path))).collect();
        let awaited = store.load(NAMES)?.unwrap_or_default();
        let known = Mutex::new(Known { sources, awaited });
        Ok(Secrets { store, known, changed: watch::Sender::new(0) })
    }

    /// Takes values over; a name that has one already gets the new one.
    pub(crate) fn put(&self, values: &[SecretValue]) -> std::io::Result<()> {
        let mut known = lock(&self.known);
        let Known { sources, awaited } = &mut *known;
        for value in values {
            let name = normal(&value.name);
            awaited.remove(&name);
            sources.insert(name, value.source.clone());
        }
        let mut names: BTreeSet<&str> = awaited.iter().map(String::as_str).collect();
        names.extend(sources.iter().filter_map(|(name, source)| match source {
            SecretSource::File(_) => None,
            SecretSource::Value(_) => Some(name.as_str()),
        }));
        let files: BTreeMap<&str, &str> = sources
            .iter()
            .filter_map(|(name, source)| match source {
                SecretSource::File(path) => Some((name.as_str(), path.as_str())),
                SecretSource::Value(_) => None,
            })
            .collect();
        // The values are in force even where the disk refuses their names.
        self.changed.send_modify(|count| *count += 1);
        self.store.save(FILE, &files)?;
        self.store.save(NAMES, &names)
    }

    /// Returns those of `names` that have no value, or whose file cannot be read.
    pub(crate) fn missing(&self, names: &[String]) -> Vec<String> {
        names.iter().filter(|name| self.secret(name).is_none()).cloned().collect()
    }
}

impl SecretReader for Secrets {
    fn secret(&self, name: &str) -> Option<SecretString> {
        // The lock is not held while a file is read.
        let source = lock(&self.known).find(name)?.clone();
        match &source {
            SecretSource::Value(value) => Some(value.clone()),
            SecretSource::File(path) => {
                let text = std::fs::read_to_string(path).ok()?;
                // Editors end a file with a line end, which is no part of the value.
                let value = text
                    .strip_suffix('\n')
                    .map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
                Some(SecretString::from(value.to_owned()))
            }
        }
    }

    fn awaited(&self, name: &str) -> bool {
        let known = lock(&self.known);
        let name = normal(name);
        known.awaited.contains(&name)
            || without_suffix(&name).is_some_and(|shorter| known.awaited.contains(shorter))
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }
}

/// Returns a name without the six random characters that Secrets Manager appends in ARNs.
fn without_suffix(name: &str) -> Option<&str> {
    name.rsplit_once('-').filter(|(_, suffix)| suffix.len() == 6).map(|(shorter, _)| shorter)
}

/// Returns the name of an SSM parameter or Secrets Manager secret that may be given as an ARN
/// (`arn:aws:ssm:REGION:ACCOUNT:parameter/x/y` is the parameter `/x/y`;
/// `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME:json-key:stage:version` is NAME).
fn normal(name: &str) -> String {
    if !name.starts_with("arn:") {
        return name.to_owned();
    }
    let fields: Vec<&str> = name.splitn(7, ':').collect();
    match fields.as_slice() {
        [_, _, "ssm", _, _, rest, ..] => match rest.strip_prefix("parameter/") {
            // A parameter without a path is `parameter/NAME`, one with a path `parameter/x/y`.
            Some(path) if path.contains('/') => format!("/{path}"),
            Some(name) => name.to_owned(),
            None => name.to_owned(),
        },
        [_, _, "secretsmanager", _, _, "secret", rest] => rest.split(':').next().unwrap_or(rest).to_owned(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;
    use secrecy::ExposeSecret;

    use super::*;

    fn value(name: &str, value: &str) -> SecretValue {
        SecretValue { name: name.into(), source: SecretSource::Value(SecretString::from(value.to_owned())) }
    }

    #[test]
    fn names_and_arns_are_the_same() {
        let table = [
            ("/shop/local/KEY", "/shop/local/KEY"),
            ("arn:aws:ssm:local:000000000000:parameter/shop/local/KEY", "/shop/local/KEY"),
            ("arn:aws:ssm:local:000000000000:parameter/KEY", "KEY"),
            ("arn:aws:secretsmanager:local:000000000000:secret:shop/KEY", "shop/KEY"),
            ("arn:aws:secretsmanager:local:000000000000:secret:shop/KEY:user::", "shop/KEY"),
        ];
        for (given, expected) in table {
            assert_eq!(normal(given), expected, "{given}");
        }
    }

    #[test]
    fn values_are_in_no_file_and_paths_survive() {
        let dir = tempfile::tempdir().expect("temp dir");
        let root = Utf8Path::from_path(dir.path()).expect("utf-8");
        let file = root.join("outside.txt");
        std::fs::write(&file, "from-file-7c1\n").expect("write");
        let state = root.join("state");
        let store = Store::open(&state).expect("open");
        let secrets = Secrets::open(store.clone()).expect("open");
        secrets
            .put(&[
                value("/shop/local/KEY", "canary-51f"),
                value("shop/token", "canary-52f"),
                SecretValue { name: "/shop/local/FILE".into(), source: SecretSource::File(file.to_string()) },
            ])
            .expect("put");
        let read = |secrets: &Secrets, name: &str| secrets.secret(name).map(|s| s.expose_secret().to_owned());
        assert_eq!(read(&secrets, "/shop/local/KEY").as_deref(), Some("canary-51f"));
        assert_eq!(
            read(&secrets, "arn:aws:secretsmanager:local:000000000000:secret:shop/token-AbCdEf").as_deref(),
            Some("canary-52f")
        );
        assert_eq!(read(&secrets, "/shop/local/FILE").as_deref(), Some("from-file-7c1"));
        let names = ["/shop/local/KEY".to_owned(), "/other".to_owned()];
        assert_eq!(secrets.missing(&names), ["/other"]);

        let reopened = Secrets::open(store).expect("open");
        assert_eq!(read(&reopened, "/shop/local/FILE").as_deref(), Some("from-file-7c1"));
        assert!(read(&reopened, "/shop/local/KEY").is_none());
        let awaited = |name: &str| reopened.awaited(name);
        assert!(awaited("/shop/local/KEY"), "its value went with the process before");
        assert!(awaited("arn:aws:secretsmanager:local:000000000000:secret:shop/token-AbCdEf"));
        assert!(!awaited("/shop/local/FILE") && !awaited("/other"));
        reopened.put(&[value("/shop/local/KEY", "canary-53f")]).expect("put");
        assert!(!reopened.awaited("/shop/local/KEY") && reopened.awaited("shop/token"));
        for entry in std::fs::read_dir(&state).expect("read") {
            let text = std::fs::read_to_string(entry.expect("entry").path()).expect("read");
            assert!(!text.contains("canary"), "{text}");
            assert!(!text.contains("7c1"), "{text}");
        }
    }
}
