//! What a build depends on, as one number.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;

use sha2::Digest;
use sha2::Sha256;

use crate::BuildSpec;
use crate::ImageError;
use crate::context::Context;
use crate::context::EntryKind;
use crate::context::read_error;

/// Returns the SHA-256 (64 hexadecimal digits) of everything that a build depends on: paths,
/// permissions and contents of the context's files as the engine would see them (`.dockerignore`
/// honoured), the Dockerfile, build arguments, target stage and platform. Names, times, owners
/// and the order of files on disk do not count.
///
/// # Errors
/// Something cannot be read, or an ignore file is wrong.
pub fn content_hash(spec: &BuildSpec) -> Result<String, ImageError> {
    let context = Context::read(spec)?;
    let mut hash = Sha256::new();
    // Raised when the meaning of what follows changes.
    part(&mut hash, b"seaway image 1");
    part(&mut hash, context.dockerfile_text.as_bytes());
    for (name, value) in &spec.args.iter().collect::<BTreeMap<_, _>>() {
        part(&mut hash, b"arg");
        part(&mut hash, name.as_bytes());
        part(&mut hash, value.as_bytes());
    }
    for (name, value) in [("target", &spec.target), ("platform", &spec.platform)] {
        part(&mut hash, name.as_bytes());
        part(&mut hash, value.as_deref().unwrap_or_default().as_bytes());
    }
    for entry in context.entries.iter().filter(|entry| !entry.hidden) {
        let (kind, target): (&[u8], &[u8]) = match &entry.kind {
            EntryKind::Folder => (b"folder", b""),
            EntryKind::File => (b"file", b""),
            EntryKind::Text(text) => (b"file", text.as_bytes()),
            EntryKind::Link(target) => (b"link", target.as_bytes()),
        };
        part(&mut hash, kind);
        part(&mut hash, entry.path.as_bytes());
        part(&mut hash, &entry.mode.to_le_bytes());
        part(&mut hash, target);
        if entry.kind == EntryKind::File {
            let path = context.root.join(&entry.path);
            let content = hash_file(path.as_std_path()).map_err(|error| read_error(spec, &path, &error))?;
            part(&mut hash, &content);
        }
    }
    Ok(hex::encode(hash.finalize()))
}

/// Returns the first digits of a hash.
pub(crate) fn hex_prefix(hash: &[u8], digits: usize) -> String {
    hex::encode(hash).chars().take(digits).collect()
}

/// Adds a part with its length, so that no two lists of parts look the same.
fn part(hash: &mut Sha256, bytes: &[u8]) {
    hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
    hash.update(bytes);
}

fn hash_file(path: &std::path::Path) -> std::io::Result<[u8; 32]> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hash.finalize().into()),
            length => hash.update(&buffer[..length]),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::fs::symlink;

    use camino::Utf8Path;
    use camino::Utf8PathBuf;

    use super::*;

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new(files: &[(&str, &str)]) -> Folder {
            let folder = Folder(tempfile::tempdir().unwrap());
            for (path, text) in files {
                folder.write(path, text);
            }
            folder
        }

        fn path(&self) -> &Utf8Path {
            Utf8Path::from_path(self.0.path()).unwrap()
        }

        fn write(&self, path: &str, text: &str) {
            let path = self.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        }

        fn spec(&self) -> BuildSpec {
            BuildSpec {
                app: "shop".to_owned(),
                service: "web".to_owned(),
                context: self.path().to_owned(),
                ..BuildSpec::default()
            }
        }

        fn hash(&self) -> String {
            content_hash(&self.spec()).unwrap()
        }
    }

    const BASE: &[(&str, &str)] = &[
        ("Dockerfile", "FROM scratch\nCOPY . /\n"),
        ("a.txt", "a"),
        ("sub/b.txt", "b"),
        (".dockerignore", "*.log\n"),
    ];

    #[test]
    fn what_counts() {
        let base = Folder::new(BASE);
        type Change = fn(&Folder);
        let table: [(&str, Change, bool); 14] = [
            ("nothing", |_| (), false),
            ("content", |folder| folder.write("a.txt", "x"), true),
            ("new file", |folder| folder.write("c.txt", ""), true),
            ("ignored file", |folder| folder.write("x.log", "x"), false),
            (
                "renamed",
                |folder| fs::rename(folder.path().join("a.txt"), folder.path().join("z.txt")).unwrap(),
                true,
            ),
            ("removed", |folder| fs::remove_file(folder.path().join("a.txt")).unwrap(), true),
            (
                "moved between files",
                |folder| {
                    folder.write("a.txt", "");
                    folder.write("sub/b.txt", "ab");
                },
                true,
            ),
            (
                "mode",
                |folder| {
                    fs::set_permissions(folder.path().join("a.txt"), fs::Permissions::from_mode(0o755))
                        .unwrap()
                },
                true,
            ),
            (
                "time",
                |folder| {
                    let file = fs::File::options().write(true).open(folder.path().join("a.txt")).unwrap();
                    file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
                },
                false,
            ),
            ("Dockerfile", |folder| folder.write("Dockerfile", "FROM scratch\n"), true),
            ("ignore file, which is copied", |folder| folder.write(".dockerignore", "*.log\n# x\n"), true),
            ("empty folder", |folder| fs::create_dir(folder.path().join("empty")).unwrap(), true),
            ("link", |folder| symlink("a.txt", folder.path().join("link")).unwrap(), true),
            (
                "dangling link is no error",
                |folder| symlink("/nowhere", folder.path().join("link")).unwrap(),
                true,
            ),
        ];
        for (name, change, changes) in table {
            let folder = Folder::new(BASE);
            change(&folder);
            assert_eq!(folder.hash() != base.hash(), changes, "{name}");
        }
    }

    #[test]
    fn order_on_disk_does_not_count() {
        let reversed: Vec<_> = BASE.iter().rev().copied().collect();
        assert_eq!(Folder::new(BASE).hash(), Folder::new(&reversed).hash());
    }

    #[test]
    fn options_count() {
        let folder = Folder::new(BASE);
        let mut hashes = vec![folder.hash()];
        let change = |change: fn(&mut BuildSpec)| {
            let mut spec = folder.spec();
            change(&mut spec);
            content_hash(&spec).unwrap()
        };
        hashes.push(change(|spec| spec.target = Some("a".to_owned())));
        hashes.push(change(|spec| spec.platform = Some("a".to_owned())));
        hashes.push(change(|spec| spec.args = [("A".to_owned(), "1".to_owned())].into_iter().collect()));
        hashes.push(change(|spec| spec.args = [("A1".to_owned(), String::new())].into_iter().collect()));
        hashes.push(change(|spec| spec.dockerfile_inline = Some("FROM scratch\n".to_owned())));
        let count = hashes.len();
        hashes.sort();
        hashes.dedup();
        assert_eq!(hashes.len(), count);
        let forth = change(|spec| {
            spec.args =
                [("A".to_owned(), "1".to_owned()), ("B".to_owned(), "2".to_owned())].into_iter().collect()
        });
        let back = change(|spec| {
            spec.args =
                [("B".to_owned(), "2".to_owned()), ("A".to_owned(), "1".to_owned())].into_iter().collect()
        });
        assert_eq!(forth, back, "the order of arguments does not count");
        assert_eq!(change(|spec| spec.service = "other".to_owned()), folder.hash(), "names do not count");
    }

    #[test]
    fn the_engine_hides_what_is_ignored() {
        let ignore = "*\n!a.txt\n";
        let one = Folder::new(&[("Dockerfile", "FROM scratch\n"), ("a.txt", "a"), (".dockerignore", ignore)]);
        let two = Folder::new(&[
            ("Dockerfile", "FROM scratch\n"),
            ("a.txt", "a"),
            (".dockerignore", "*\n# other\n!a.txt\n"),
            ("b", "b"),
        ]);
        assert_eq!(one.hash(), two.hash());
    }

    #[test]
    fn dockerfile_elsewhere() {
        let outside = Folder::new(&[("Web.Dockerfile", "FROM scratch\n")]);
        let folder = Folder::new(&[("a.txt", "a"), ("x.log", "x")]);
        let mut spec = folder.spec();
        spec.dockerfile = Some(outside.path().join("Web.Dockerfile").into_string());
        let before = content_hash(&spec).unwrap();
        // Its own ignore file goes first.
        outside.write("Web.Dockerfile.dockerignore", "*.log");
        assert_ne!(content_hash(&spec).unwrap(), before);
        let context = Context::read(&spec).unwrap();
        let paths: Vec<&str> = context.entries.iter().map(|entry| entry.path.as_str()).collect();
        assert_eq!(paths, [context.dockerfile.as_str(), ".dockerignore", "a.txt"]);
        let EntryKind::Text(rules) = &context.entries[1].kind else { panic!("{:?}", context.entries[1]) };
        assert_eq!(*rules, format!("*.log\n.dockerignore\n{}\n", context.dockerfile));
    }

    #[test]
    fn clear_errors() {
        let folder = Folder::new(&[("a.txt", "a")]);
        let error = content_hash(&folder.spec()).unwrap_err();
        let text = format!(
            "cannot read {}/Dockerfile for the build of `web`: No such file or directory (os error 2)",
            folder.path().canonicalize_utf8().unwrap()
        );
        assert_eq!(error.to_string(), text);
        let missing = BuildSpec { context: Utf8PathBuf::from("/nowhere/at/all"), ..folder.spec() };
        assert!(
            matches!(content_hash(&missing), Err(ImageError::Read { path, .. }) if path == "/nowhere/at/all")
        );
        folder.write("Dockerfile", "FROM scratch\n");
        assert!(content_hash(&folder.spec()).is_ok());
        let status = std::process::Command::new("mkfifo").arg(folder.path().join("pipe")).status().unwrap();
        assert!(status.success());
        assert!(matches!(
            content_hash(&folder.spec()),
            Err(ImageError::Unsupported { kind: "a named pipe", .. })
        ));
        folder.write(".dockerignore", "pipe");
        assert!(content_hash(&folder.spec()).is_ok(), "what is ignored does not matter");
    }
}
