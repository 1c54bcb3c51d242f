//! State on disk: one JSON file for each part, replaced atomically, mode 0600.

use std::io;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::fs::OpenOptionsExt;

use camino::Utf8Path;
use camino::Utf8PathBuf;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Marks a folder that was made for the state and holds nothing else.
const MARK: &str = "SEAWAY-STATE";

/// What else can be ours in a folder without that mark.
const FOLDERS: &[&str] = &["stacks", "releases", "locks", "ecs", "emulator", "logs"];
const FILES: &[&str] = &[
    "elb.json",
    "secret-files.json",
    "secret-names.json",
    "daemon.log",
    "daemon.lock",
    "seaway.sock",
    "emulator.json",
    "sqs.json",
];

/// The state folder.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    dir: Utf8PathBuf,
}

impl Store {
    /// Opens the folder, making it (mode 0700) where it is missing. A folder that was empty is
    /// marked as ours.
    pub(crate) fn open(dir: &Utf8Path) -> io::Result<Store> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        if std::fs::read_dir(dir)?.next().is_none() {
            std::fs::write(
                dir.join(MARK),
                "The state of Seaway's local environment: `seaway local down` removes it.\n",
            )?;
        }
        Ok(Store { dir: dir.to_owned() })
    }

    /// Removes the folder with everything in it; of a folder that held other things before, only
    /// what [`Store::save`] can have written.
    pub(crate) fn destroy(&self) -> io::Result<()> {
        if self.dir.join(MARK).exists() {
            return std::fs::remove_dir_all(&self.dir);
        }
        for entry in std::fs::read_dir(&self.dir)? {
            let entry = entry?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            if FOLDERS.contains(&name) {
                std::fs::remove_dir_all(entry.path())?;
            } else if FILES.contains(&name) || name.starts_with("start-error.") {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Returns the folder.
    pub(crate) fn dir(&self) -> &Utf8Path {
        &self.dir
    }

    /// Replaces `<name>.json`; after a crash at any point either the old or the new text is there.
    pub(crate) fn save<T: Serialize>(&self, name: &str, value: &T) -> io::Result<()> {
        let path = self.dir.join(format!("{name}.json"));
        // A folder that was removed under us stays removed: the background process sees that it
        // is gone and ends.
        if !self.dir.exists() {
            return Err(io::Error::new(io::ErrorKind::NotFound, format!("{} is gone", self.dir)));
        }
        if let Some(parent) = path.parent() {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
        }
        let fresh = self.dir.join(format!("{name}.json.new"));
        let mut file =
            std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        file.write_all(&serde_json::to_vec(value)?)?;
        drop(file);
        std::fs::rename(fresh, path)
    }

    /// Reads `<name>.json`; `None` when there is none.
    pub(crate) fn load<T: DeserializeOwned>(&self, name: &str) -> io::Result<Option<T>> {
        let path = self.dir.join(format!("{name}.json"));
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| {
                io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("{path} is damaged, or of another version: {error}"),
                )
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes `<name>.json`; one that is not there is no error.
    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        match std::fs::remove_file(self.dir.join(format!("{name}.json"))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Returns the names under `folder` that [`Store::load`] can read, in order:
    /// `["stacks/shop-local-web"]` for `stacks`.
    pub(crate) fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let entries = match std::fs::read_dir(self.dir.join(folder)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut names = Vec::new();
        for entry in entries {
            let file = entry?.file_name();
            if let Some(name) = file.to_str().and_then(|name| name.strip_suffix(".json")) {
                names.push(format!("{folder}/{name}"));
            }
        }
        names.sort();
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn saves_privately_and_lists() {
        let dir = tempfile::tempdir().expect("temp dir");
        let path = Utf8Path::from_path(dir.path()).expect("utf-8").join("state");
        let store = Store::open(&path).expect("open");
        store.save("stacks/b", &1).expect("save");
        store.save("stacks/a", &2).expect("save");
        assert_eq!(store.list("stacks").expect("list"), ["stacks/a", "stacks/b"]);
        assert_eq!(store.list("none").expect("list"), Vec::<String>::new());
        assert_eq!(store.load::<i32>("stacks/a").expect("load"), Some(2));
        let mode = std::fs::metadata(path.join("stacks/a.json")).expect("metadata").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::write(path.join("stacks/a.json"), "{").expect("write");
        let damaged = store.load::<i32>("stacks/a").expect_err("damaged").to_string();
        assert!(damaged.contains("/stacks/a.json is damaged"), "{damaged}");
        std::fs::remove_dir_all(&path).expect("remove");
        assert!(store.save("stacks/a", &3).is_err());
        assert!(!path.exists(), "a removed folder is not made again");
    }

    #[test]
    fn destroys_only_what_is_ours() {
        let dir = tempfile::tempdir().expect("temp dir");
        let root = Utf8Path::from_path(dir.path()).expect("utf-8");
        let own = root.join("own");
        let store = Store::open(&own).expect("open");
        store.save("anything", &1).expect("save");
        store.destroy().expect("destroy");
        assert!(!own.exists());

        let shared = root.join("shared");
        std::fs::create_dir(&shared).expect("create");
        std::fs::write(shared.join("thesis.tex"), "years of work").expect("write");
        let store = Store::open(&shared).expect("open");
        store.save("stacks/a", &1).expect("save");
        store.destroy().expect("destroy");
        assert!(shared.join("thesis.tex").exists());
        assert!(!shared.join("stacks").exists());
    }
}
