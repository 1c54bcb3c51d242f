//! Paths without touching a disk.

use camino::Utf8Path;
use camino::Utf8PathBuf;

/// Returns `path` seen from `base`, without `.` and `..`; `~` is the folder `home`.
pub(crate) fn absolute(base: &Utf8Path, path: &str, home: Option<&str>) -> Utf8PathBuf {
    let joined = match (path.strip_prefix('~'), home) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
            Utf8Path::new(home).join(rest.trim_start_matches('/'))
        }
        _ => base.join(path),
    };
    let mut out = Utf8PathBuf::new();
    for component in joined.components() {
        match component {
            camino::Utf8Component::CurDir => {}
            camino::Utf8Component::ParentDir => {
                if !out.pop() {
                    out.push("..");
                }
            }
            other => out.push(other),
        }
    }
    out
}

/// Returns `path` as the user would write it from `directory`.
pub(crate) fn shown(path: &Utf8Path, directory: &Utf8Path) -> String {
    match path.strip_prefix(directory) {
        Ok(rest) if !rest.as_str().is_empty() => rest.to_string(),
        _ => path.to_string(),
    }
}

/// Returns the folder of a file.
pub(crate) fn folder(path: &Utf8Path) -> Utf8PathBuf {
    path.parent().map_or_else(Utf8PathBuf::new, Utf8Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined() {
        for (path, expected) in [
            (".", "/p/q"),
            ("./a", "/p/q/a"),
            ("../a/./b", "/p/a/b"),
            ("/x/../y", "/y"),
            ("~/k", "/home/me/k"),
            ("~x", "/p/q/~x"),
        ] {
            assert_eq!(absolute(Utf8Path::new("/p/q"), path, Some("/home/me")), expected, "{path}");
        }
        assert_eq!(shown(Utf8Path::new("/p/q/a.yaml"), Utf8Path::new("/p/q")), "a.yaml");
        assert_eq!(shown(Utf8Path::new("/z/a.yaml"), Utf8Path::new("/p/q")), "/z/a.yaml");
    }
}
