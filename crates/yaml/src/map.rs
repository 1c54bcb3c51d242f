//! Mappings that keep their order.

use std::collections::BTreeMap;

use seaway_diag::Span;

use crate::Node;

/// From this size on a mapping is looked up by an index; below it a scan is faster.
const INDEXED: usize = 16;

/// A mapping in file order; keys are unique.
#[derive(Clone, Debug, Default)]
pub struct Map {
    entries: Vec<Entry>,
    /// Key → position; empty while there are fewer than [`INDEXED`] entries.
    index: BTreeMap<String, usize>,
}

/// A key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its text.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: Key,
    /// The value.
    pub value: Node,
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl Map {
    fn position(&self, key: &str) -> Option<usize> {
        if self.entries.len() < INDEXED {
            return self.entries.iter().position(|entry| entry.key.text == key);
        }
        self.index.get(key).copied()
    }

    fn reindex(&mut self) {
        self.index.clear();
        if self.entries.len() >= INDEXED {
            self.index.extend(
                self.entries.iter().enumerate().map(|(place, entry)| (entry.key.text.clone(), place)),
            );
        }
    }

    /// Returns the entry of a key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.position(key).map(|place| &self.entries[place])
    }

    /// Returns the value of a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// Returns the value of a key for change.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        let place = self.position(key)?;
        Some(&mut self.entries[place].value)
    }

    /// Sets the value of a key, at its old place or at the end; returns the old value.
    pub fn insert(&mut self, key: Key, value: Node) -> Option<Node> {
        if let Some(place) = self.position(&key.text) {
            let entry = &mut self.entries[place];
            entry.key = key;
            return Some(std::mem::replace(&mut entry.value, value));
        }
        let place = self.entries.len();
        if place >= INDEXED {
            self.index.insert(key.text.clone(), place);
        }
        self.entries.push(Entry { key, value });
        if place + 1 == INDEXED {
            self.reindex();
        }
        None
    }

    /// Removes a key.
    pub fn remove(&mut self, key: &str) -> Option<Entry> {
        let place = self.position(key)?;
        let entry = self.entries.remove(place);
        self.reindex();
        Some(entry)
    }

    /// Keeps the entries for which `keep` returns true.
    pub fn retain(&mut self, keep: impl FnMut(&Entry) -> bool) {
        self.entries.retain(keep);
        self.reindex();
    }

    /// Returns the entries in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Entry> {
        self.entries.iter()
    }

    /// Returns the values in order, for change.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Node> {
        self.entries.iter_mut().map(|entry| &mut entry.value)
    }

    /// Returns keys and values in order, the values for change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Key, &mut Node)> {
        self.entries.iter_mut().map(|entry| (&entry.key, &mut entry.value))
    }

    /// Returns the entries in order, with the mapping used up.
    pub fn into_entries(self) -> Vec<Entry> {
        self.entries
    }

    /// Returns how many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns true without entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = &'a Entry;
    type IntoIter = std::slice::Iter<'a, Entry>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Collects entries; of two with one key the later wins, at the place of the earlier.
impl FromIterator<Entry> for Map {
    fn from_iter<I: IntoIterator<Item = Entry>>(entries: I) -> Self {
        let mut map = Map::default();
        for entry in entries {
            map.insert(entry.key, entry.value);
        }
        map
    }
}

#[cfg(test)]
mod tests {
    use seaway_diag::SourceMap;

    use super::*;
    use crate::Value;

    #[test]
    fn small_and_large_maps_behave_alike() {
        let mut sources = SourceMap::default();
        let file = sources.add("a", "");
        let span = sources.span(file, 0, 0);
        let key = |n: usize| Key { text: format!("k{n}"), span };
        let node = || Node { span, tag: None, value: Value::Null };
        for size in [3, 15, 16, 17, 60] {
            let mut map = Map::default();
            for n in 0..size {
                assert!(map.insert(key(n), node()).is_none());
            }
            assert!(map.insert(key(1), node()).is_some());
            assert_eq!(map.len(), size);
            assert!(map.remove("k0").is_some());
            assert!(map.remove("k0").is_none());
            assert!(
                (1..size).all(|n| map.entry(&format!("k{n}")).is_some_and(|e| e.key.text == format!("k{n}")))
            );
            map.retain(|entry| entry.key.text != "k2");
            assert!(map.get("k2").is_none());
            assert!(map.get_mut("k1").is_some());
            assert!(map.get("missing").is_none());
        }
    }
}
