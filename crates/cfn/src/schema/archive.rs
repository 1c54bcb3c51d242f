//! The two embedded files: a header line, a compressed index, compressed chunks
//! (tools/schemas/README.md).

use std::sync::LazyLock;
use std::sync::OnceLock;

use serde::Deserialize;

/// Where the embedded data comes from, and how much there is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Sources {
    /// Version of PyPI's `cfn-lint`.
    #[serde(rename = "cfn-lint")]
    pub cfn_lint: String,
    /// Version of npm's `@aws-cdk/aws-service-spec`.
    #[serde(rename = "@aws-cdk/aws-service-spec")]
    pub service_spec: String,
    /// Number of resource types.
    pub types: usize,
    /// Number of IAM actions.
    pub actions: usize,
}

/// Returns what the header of the embedded schemas says.
pub fn sources() -> &'static Sources {
    &SCHEMAS.sources
}

pub(super) static SCHEMAS: LazyLock<Archive> =
    LazyLock::new(|| Archive::open(include_bytes!("../../data/schemas.bin")));
pub(super) static ACTIONS: LazyLock<Archive> =
    LazyLock::new(|| Archive::open(include_bytes!("../../data/actions.bin")));

/// An opened file.
pub(super) struct Archive {
    sources: Sources,
    entries: Vec<Entry>,
    chunks: Vec<Chunk>,
}

struct Entry {
    name: String,
    chunk: usize,
    start: usize,
    length: usize,
}

struct Chunk {
    packed: &'static [u8],
    length: usize,
    text: OnceLock<Vec<u8>>,
}

impl Archive {
    #[expect(clippy::expect_used, reason = "the data is part of the crate and a test reads all of it")]
    fn open(data: &'static [u8]) -> Archive {
        let line = data.iter().position(|byte| *byte == b'\n').expect("a header line");
        let sources = serde_json::from_slice(&data[..line]).expect("a header");
        let number = |at: usize| {
            let bytes: [u8; 4] = data[at..at + 4].try_into().expect("four bytes");
            u32::from_le_bytes(bytes) as usize
        };
        let (packed, length) = (number(line + 1), number(line + 5));
        let (index, rest) = data[line + 9..].split_at(packed);
        let index = String::from_utf8(inflate(index, length)).expect("an index in UTF-8");
        let (table, lines) = index.split_once("\n\n").expect("a table and an index");
        let numbers = |line: &str| -> Vec<usize> {
            line.split('\t').map(|number| number.parse().expect("a number")).collect()
        };
        let chunks = table
            .lines()
            .map(|line| {
                let row = numbers(line);
                Chunk { packed: &rest[row[0]..row[0] + row[1]], length: row[2], text: OnceLock::new() }
            })
            .collect();
        let entries = lines
            .lines()
            .map(|line| {
                let (name, row) = line.split_once('\t').expect("a name");
                let row = numbers(row);
                Entry { name: name.to_owned(), chunk: row[0], start: row[1], length: row[2] }
            })
            .collect();
        Archive { sources, entries, chunks }
    }

    /// Returns the place of an entry in the sorted index.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.entries.binary_search_by(|entry| entry.name.as_str().cmp(name)).ok()
    }

    /// Returns the JSON text of the entry at a place.
    pub(super) fn text(&self, position: usize) -> &[u8] {
        let entry = &self.entries[position];
        let chunk = &self.chunks[entry.chunk];
        let text = chunk.text.get_or_init(|| inflate(chunk.packed, chunk.length));
        &text[entry.start..entry.start + entry.length]
    }

    /// Returns all names, sorted.
    pub(super) fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.entries.iter().map(|entry| entry.name.as_str())
    }
}

#[expect(clippy::expect_used, reason = "the data is part of the crate and a test reads all of it")]
fn inflate(packed: &[u8], length: usize) -> Vec<u8> {
    let text = miniz_oxide::inflate::decompress_to_vec_with_limit(packed, length).expect("deflated data");
    assert_eq!(text.len(), length, "deflated data is complete");
    text
}

#[cfg(test)]
mod tests {
    use super::ACTIONS;
    use super::SCHEMAS;
    use super::sources;

    /// The versions are pinned in tools/schemas/generate.py.
    #[test]
    fn the_header_names_its_sources() {
        let sources = sources();
        let script = include_str!("../../../../tools/schemas/generate.py");
        assert!(script.contains(&format!("CFN_LINT = \"{}\"", sources.cfn_lint)), "{sources:?}");
        assert!(script.contains(&format!("SERVICE_SPEC = \"{}\"", sources.service_spec)), "{sources:?}");
        assert_eq!(sources.types, SCHEMAS.names().len());
        assert!(sources.types > 1800, "{sources:?}");
        assert!(sources.actions > 20_000, "{sources:?}");
        assert_eq!(ACTIONS.sources, *sources);
    }

    #[test]
    fn the_index_is_sorted_and_every_entry_is_an_object() {
        for archive in [&*SCHEMAS, &*ACTIONS] {
            let names: Vec<&str> = archive.names().collect();
            assert!(names.is_sorted());
            for (position, name) in names.iter().enumerate() {
                assert_eq!(archive.position(name), Some(position));
                let text = archive.text(position);
                assert!(text.starts_with(b"{") && text.ends_with(b"}"), "{name}");
            }
        }
        assert_eq!(SCHEMAS.position("AWS::No::Such"), None);
    }
}
