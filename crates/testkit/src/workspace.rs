//! The files of this workspace.

use std::io;

use camino::Utf8Path;
use camino::Utf8PathBuf;

/// Returns the folder of the workspace.
pub fn root() -> Utf8PathBuf {
    let crate_folder = Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_folder.ancestors().nth(2).unwrap_or(crate_folder).to_owned()
}

/// Returns all `.rs` files below a folder, sorted; none where the folder does not exist.
///
/// # Errors
/// A folder that cannot be read.
pub fn rust_files(folder: &Utf8Path) -> io::Result<Vec<Utf8PathBuf>> {
    let mut files = Vec::new();
    if !folder.is_dir() {
        return Ok(files);
    }
    for entry in folder.read_dir_utf8()? {
        let path = entry?.into_path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension() == Some("rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Returns the lines of a Rust file that are compiled outside of tests, with their numbers from 1:
/// comment lines and everything from a `#[cfg(test)]` at the start of a line are left out (by house
/// style the test module stands last; a `#[cfg(test)]` before a mere `mod name;` leaves out that).
pub fn without_tests_and_comments(text: &str) -> Vec<(usize, &str)> {
    let mut lines = Vec::new();
    let mut numbered = text.lines().enumerate().peekable();
    while let Some((index, line)) = numbered.next() {
        if line.starts_with("#[cfg(test)]") {
            match numbered.peek() {
                Some((_, next)) if next.ends_with(';') => {
                    numbered.next();
                    continue;
                }
                _ => break,
            }
        }
        if !line.trim_start().starts_with("//") {
            lines.push((index + 1, line));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_and_comments_are_left_out() {
        let text = "//! Doc\nuse a;\n#[cfg(test)]\nmod tests;\nfn b() {}\n  // why\n#[cfg(test)]\nmod inline {\n    c\n}\n";
        assert_eq!(without_tests_and_comments(text), [(2, "use a;"), (5, "fn b() {}")]);
    }

    #[test]
    fn the_root_holds_the_workspace() {
        assert!(root().join("Cargo.toml").is_file());
        let files = rust_files(&root().join("crates/testkit")).unwrap();
        assert!(files.iter().any(|file| file.ends_with("src/workspace.rs")));
        assert_eq!(rust_files(&root().join("no-such-folder")).unwrap(), Vec::<Utf8PathBuf>::new());
    }
}
