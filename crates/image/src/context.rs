//! The files of a build, as the engine sees them.

use std::fs;
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::fs::PermissionsExt;

use camino::Utf8Path;
use camino::Utf8PathBuf;
use sha2::Digest;
use sha2::Sha256;

use crate::BuildSpec;
use crate::ImageError;
use crate::hash::hex_prefix;
use crate::ignorefile::IgnoreFile;

/// Something in the context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Relative path with slashes.
    pub(crate) path: String,
    /// Permission bits.
    pub(crate) mode: u32,
    /// What it is.
    pub(crate) kind: EntryKind,
    /// The engine needs it, but hides it from the Dockerfile's instructions.
    pub(crate) hidden: bool,
}

/// What an [`Entry`] is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EntryKind {
    /// A folder.
    Folder,
    /// A file of the context.
    File,
    /// A file that is made up for the engine.
    Text(String),
    /// A symbolic link and where it leads; it is never followed.
    Link(String),
}

/// The files of a build, sorted by path.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// The context folder.
    pub(crate) root: Utf8PathBuf,
    /// Path of the Dockerfile within.
    pub(crate) dockerfile: String,
    /// Text of the Dockerfile.
    pub(crate) dockerfile_text: String,
    /// What goes to the engine.
    pub(crate) entries: Vec<Entry>,
}

impl Context {
    /// Reads the context of a build; contents of files are not read.
    pub(crate) fn read(spec: &BuildSpec) -> Result<Context, ImageError> {
        let fail = |path: &Utf8Path, error: io::Error| read_error(spec, path, &error);
        let root = spec.context.canonicalize_utf8().map_err(|error| fail(&spec.context, error))?;
        if !root.is_dir() {
            return Err(fail(&root, io::Error::other("it is not a folder")));
        }
        // `within`: the Dockerfile is a plain file of the context and need not be made up.
        let (dockerfile_text, within, beside) = match &spec.dockerfile_inline {
            Some(text) => (text.clone(), None, None),
            None => {
                let path = root.join(spec.dockerfile.as_deref().unwrap_or("Dockerfile"));
                let text = fs::read_to_string(&path).map_err(|error| fail(&path, error))?;
                let plain = path.symlink_metadata().map_err(|error| fail(&path, error))?.is_file();
                let real = path.canonicalize_utf8().map_err(|error| fail(&path, error))?;
                let within =
                    real.strip_prefix(&root).ok().filter(|_| plain).map(|path| path.as_str().to_owned());
                (text, within, Some(Utf8PathBuf::from(format!("{path}.dockerignore"))))
            }
        };
        let (ignore, ignore_text) = read_ignore(spec, &root, beside)?;

        let mut entries = Vec::new();
        walk(spec, &root, "", &ignore, &mut entries)?;
        // The engine reads both of them, also when they are ignored; it hides them itself then.
        let needed = [Some(".dockerignore"), within.as_deref()];
        for path in needed.into_iter().flatten() {
            if !entries.iter().any(|entry| entry.path == path) && root.join(path).is_file() {
                let mode = fs::metadata(root.join(path)).map_err(|error| fail(&root.join(path), error))?;
                entries.push(Entry {
                    path: path.to_owned(),
                    mode: mode.permissions().mode() & 0o7777,
                    kind: EntryKind::File,
                    hidden: true,
                });
            }
        }
        let made_up = |path: &str, text: String| Entry {
            path: path.to_owned(),
            mode: 0o644,
            kind: EntryKind::Text(text),
            hidden: true,
        };
        let dockerfile = match within {
            Some(path) => path,
            None => {
                let path =
                    format!(".dockerfile.{}", hex_prefix(&Sha256::digest(dockerfile_text.as_bytes()), 16));
                let visible = entries.iter().any(|entry| entry.path == ".dockerignore" && !entry.hidden);
                let mut rules = ignore_text.unwrap_or_default();
                if !visible {
                    rules.push_str("\n.dockerignore");
                }
                rules.push_str(&format!("\n{path}\n"));
                entries.retain(|entry| entry.path != ".dockerignore");
                entries.push(Entry { hidden: !visible, ..made_up(".dockerignore", rules) });
                entries.push(made_up(&path, dockerfile_text.clone()));
                path
            }
        };
        entries.sort_by(|a, b| a.path.as_bytes().cmp(b.path.as_bytes()));
        Ok(Context { root, dockerfile, dockerfile_text, entries })
    }
}

/// Makes the error for something that cannot be read.
pub(crate) fn read_error(spec: &BuildSpec, path: &Utf8Path, error: &io::Error) -> ImageError {
    ImageError::Read { service: spec.service.clone(), path: path.to_owned(), reason: error.to_string() }
}

/// Reads `<Dockerfile>.dockerignore`, which goes first, or `.dockerignore`.
fn read_ignore(
    spec: &BuildSpec,
    root: &Utf8Path,
    beside: Option<Utf8PathBuf>,
) -> Result<(IgnoreFile, Option<String>), ImageError> {
    for path in beside.into_iter().chain([root.join(".dockerignore")]) {
        match fs::read_to_string(&path) {
            Ok(text) => return Ok((IgnoreFile::parse(&path, &text)?, Some(text))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => (),
            Err(error) => return Err(read_error(spec, &path, &error)),
        }
    }
    Ok((IgnoreFile::default(), None))
}

fn walk(
    spec: &BuildSpec,
    root: &Utf8Path,
    folder: &str,
    ignore: &IgnoreFile,
    entries: &mut Vec<Entry>,
) -> Result<(), ImageError> {
    let here = root.join(folder);
    let fail = |path: &Utf8Path, error: io::Error| read_error(spec, path, &error);
    for child in here.read_dir_utf8().map_err(|error| fail(&here, error))? {
        let child = child.map_err(|error| fail(&here, error))?;
        let path = if folder.is_empty() {
            child.file_name().to_owned()
        } else {
            format!("{folder}/{}", child.file_name())
        };
        let full = child.path();
        let ignored = ignore.ignores(&path);
        let metadata = full.symlink_metadata().map_err(|error| fail(full, error))?;
        let kind = metadata.file_type();
        if ignored && (!kind.is_dir() || ignore.prunes()) {
            continue;
        }
        let entry = if kind.is_dir() {
            walk(spec, root, &path, ignore, entries)?;
            EntryKind::Folder
        } else if kind.is_symlink() {
            EntryKind::Link(full.read_link_utf8().map_err(|error| fail(full, error))?.into_string())
        } else if kind.is_file() {
            EntryKind::File
        } else if kind.is_socket() {
            // The Docker command leaves them out, too.
            continue;
        } else {
            let kind = if kind.is_fifo() { "a named pipe" } else { "a device" };
            return Err(ImageError::Unsupported {
                service: spec.service.clone(),
                path: full.to_owned(),
                kind,
            });
        };
        if !ignored {
            let mode = metadata.permissions().mode() & 0o7777;
            entries.push(Entry { path, mode, kind: entry, hidden: false });
        }
    }
    Ok(())
}
