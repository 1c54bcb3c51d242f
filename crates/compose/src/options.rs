//! What a load starts from.

use camino::Utf8Path;
use camino::Utf8PathBuf;
use indexmap::IndexMap;

/// How files are reached: the loader itself touches no disk.
pub trait Files {
    /// Returns the text of a file; `Ok(None)` when there is no such file.
    ///
    /// # Errors
    /// A message in words: it cannot be read, it is not UTF-8, it is a folder.
    fn read(&self, path: &Utf8Path) -> Result<Option<String>, String>;
    /// Returns true for a file or folder that is there.
    fn exists(&self, path: &Utf8Path) -> bool;
}

/// The real disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Utf8Path) -> Result<Option<String>, String> {
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    fn exists(&self, path: &Utf8Path) -> bool {
        path.exists()
    }
}

/// What to load, and with which variables.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// Folder that relative names start from (absolute).
    pub working_directory: Utf8PathBuf,
    /// `--project-directory`.
    pub project_directory: Option<Utf8PathBuf>,
    /// `-f`, in order; empty: Compose's own names are looked for, here and in the parents.
    pub files: Vec<Utf8PathBuf>,
    /// Name of an environment: `compose.<name>.yaml` beside the first file is merged last when
    /// it is there and no file was named with `-f` twice or more.
    pub environment: Option<String>,
    /// `--project-name`.
    pub project_name: Option<String>,
    /// `--profile`, in order; `*` for all.
    pub profiles: Vec<String>,
    /// Variables of the shell.
    pub variables: IndexMap<String, String>,
    /// Leave `${…}` as it is.
    pub no_interpolate: bool,
}
