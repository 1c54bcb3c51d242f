//! State on disk: one JSON file for each part, replaced atomically, mode 0600.

use std::io;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::fs::OpenOptionsExt;

use camino::Utf8Path;
use camino::Utf8PathBuf;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The state folder.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    dir: Utf8PathBuf,
}

impl Store {
    /// Opens the folder, making it (mode 0700) where it is missing.
    pub(crate) fn open(dir: &Utf8Path) -> io::Result<Store> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        Ok(Store { dir: dir.to_owned() })
    }

    /// Returns the folder.
    pub(crate) fn dir(&self) -> &Utf8Path {
        &self.dir
    }

    /// Replaces `<name>.json`; after a crash at any point either the old or the new text is there.
    pub(crate) fn save<T: Serialize>(&self, name: &str, value: &T) -> io::Result<()> {
        let path = self.dir.join(format!("{name}.json"));
        if let Some(parent) = path.parent() {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
        }
        let fresh = self.dir.join(format!("{name}.json.new"));
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&fresh)?;
        file.write_all(&serde_json::to_vec(value)?)?;
        drop(file);
        std::fs::rename(fresh, path)
    }

    /// Reads `<name>.json`; `None` when there is none.
    pub(crate) fn load<T: DeserializeOwned>(&self, name: &str) -> io::Result<Option<T>> {
        match std::fs::read(self.dir.join(format!("{name}.json"))) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
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
}
