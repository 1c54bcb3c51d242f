//! Events of the parser → the node tree.

use std::collections::BTreeMap;

use granit_parser::Event;
use granit_parser::Parser;
use granit_parser::ScalarStyle;
use granit_parser::StrInput;
use granit_parser::StructureStyle;
use granit_parser::Tag;
use seaway_diag::Diagnostic;
use seaway_diag::FileId;
use seaway_diag::Sink;
use seaway_diag::SourceMap;
use seaway_diag::Span;

use crate::Entry;
use crate::Key;
use crate::Map;
use crate::Node;
use crate::Style;
use crate::Value;
use crate::codes;
use crate::syntax;

/// Largest text that is read, in bytes.
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// Most nodes of a tree, aliases expanded.
const MAX_NODES: usize = 250_000;
/// Deepest nesting, aliases expanded.
const MAX_DEPTH: usize = 255;

/// Reads the one document of `file`, whose text `sources` holds. An empty file is an empty node.
/// Findings go to `sink`; `None` when there is no tree to go on with. A tree may come with
/// errors (duplicate keys), so that the rest of the file is looked at too.
pub fn parse(file: FileId, sources: &SourceMap, sink: &mut Sink) -> Option<Node> {
    let text = &sources.file(file).text;
    if text.len() > MAX_BYTES {
        sink.push(
            Diagnostic::error(codes::TOO_LARGE, format!("the file is larger than {} MiB", MAX_BYTES >> 20))
                .label(sources.span(file, 0, 0), "")
                .help("split it with `include`"),
        );
        return None;
    }
    let options = granit_parser::options! { emit_comments: false, emit_unresolved_aliases: true };
    let mut builder = Builder {
        file,
        sources,
        sink,
        parser: Parser::new_from_str_with_options(text, options),
        anchors: BTreeMap::new(),
        nodes: 0,
        anchored: 0,
    };
    builder.document().ok()
}

/// The tree cannot be built; the finding is in the sink.
struct Stop;

/// A node with what an alias of it costs.
struct Built {
    node: Node,
    /// Nodes in it, itself included.
    size: usize,
    /// Levels in it, itself included.
    height: usize,
}

struct Builder<'a> {
    file: FileId,
    sources: &'a SourceMap,
    sink: &'a mut Sink,
    parser: Parser<'a, StrInput<'a>>,
    anchors: BTreeMap<usize, Built>,
    nodes: usize,
    anchored: usize,
}

type Next<'a> = (Event<'a>, granit_parser::Span);

impl<'a> Builder<'a> {
    fn next(&mut self) -> Result<Next<'a>, Stop> {
        match self.parser.next_event() {
            Some(Ok(next)) => Ok(next),
            Some(Err(error)) => {
                self.sink.push(syntax::diagnostic(&error, self.file, self.sources));
                Err(Stop)
            }
            None => Ok((Event::StreamEnd, granit_parser::Span::default())),
        }
    }

    fn span(&self, span: &granit_parser::Span) -> Span {
        let range = span.byte_range().unwrap_or_default();
        self.sources.span(self.file, range.start, range.end)
    }

    fn document(&mut self) -> Result<Node, Stop> {
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => break,
                Event::StreamStart | Event::DocumentEnd | Event::Comment(..) | Event::Anchor(..) => {}
                Event::DocumentStart(..) if root.is_some() => {
                    self.sink.push(
                        Diagnostic::error(codes::DOCUMENTS, "a second document starts here")
                            .label(self.span(&span), "only one document can be in a file")
                            .note("which of several documents is meant cannot be told")
                            .help("put it into a file of its own and name it with `include` or `-f`"),
                    );
                    return Err(Stop);
                }
                Event::DocumentStart(..) => {}
                event => root = Some(self.node((event, span), 1)?.node),
            }
        }
        let start = self.sources.span(self.file, 0, 0);
        Ok(root.unwrap_or(Node { span: start, tag: None, value: Value::Null }))
    }

    fn count(&mut self, nodes: usize, span: Span) -> Result<(), Stop> {
        self.nodes += nodes;
        if self.nodes <= MAX_NODES {
            return Ok(());
        }
        self.sink.push(
            Diagnostic::error(codes::TOO_LARGE, format!("the file expands to more than {MAX_NODES} values"))
                .label(span, "the limit is reached here")
                .note("aliases of aliases multiply; a small file can fill the memory")
                .help("use fewer aliases, or split the file with `include`"),
        );
        Err(Stop)
    }

    fn deep(&mut self, depth: usize, span: Span) -> Result<(), Stop> {
        if depth <= MAX_DEPTH {
            return Ok(());
        }
        self.sink.push(syntax::too_deep(span));
        Err(Stop)
    }

    fn node(&mut self, (event, span): Next<'a>, depth: usize) -> Result<Built, Stop> {
        let place = self.span(&span);
        self.deep(depth, place)?;
        let (anchor, built) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.count(1, place)?;
                let (style, null) = style_of(&text, style, tag.as_deref());
                let value = if null { Value::Null } else { Value::Scalar(text.into_owned(), style) };
                let node = Node { span: place, tag: local_tag(tag.as_deref()), value };
                (anchor, Built { node, size: 1, height: 1 })
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.count(1, place)?;
                (anchor, self.sequence(style, place, local_tag(tag.as_deref()), depth)?)
            }
            Event::MappingStart(style, anchor, tag) => {
                self.count(1, place)?;
                (anchor, self.mapping(style, place, local_tag(tag.as_deref()), depth)?)
            }
            Event::Alias(id) => {
                let Some(target) = self.anchors.get(&id) else {
                    return Err(self.alias(place, "an alias stands inside what it stands for"));
                };
                let (size, height) = (target.size, target.height);
                self.count(size, place)?;
                self.deep(depth + height - 1, place)?;
                let node = self.anchors[&id].node.clone();
                return Ok(Built { node, size, height });
            }
            Event::UnresolvedAlias(name) => {
                return Err(self.alias(place, &format!("there is no anchor `&{name}` above this alias")));
            }
            _ => {
                self.sink.push(
                    Diagnostic::error(codes::SYNTAX, "the file ends in the middle of a value")
                        .label(place, "something is missing here"),
                );
                return Err(Stop);
            }
        };
        if anchor != 0 {
            // Copies kept for aliases have a budget of their own: anchors can be nested.
            self.anchored += built.size;
            if self.anchored > 4 * MAX_NODES {
                self.count(MAX_NODES + 1, place)?;
            }
            let copy = Built { node: built.node.clone(), size: built.size, height: built.height };
            self.anchors.insert(anchor, copy);
        }
        Ok(built)
    }

    fn alias(&mut self, place: Span, message: &str) -> Stop {
        self.sink.push(
            Diagnostic::error(codes::ALIAS, message)
                .label(place, "this alias")
                .help("define the anchor first, with `&name` before the value"),
        );
        Stop
    }

    fn sequence(
        &mut self,
        style: StructureStyle,
        place: Span,
        tag: Option<String>,
        depth: usize,
    ) -> Result<Built, Stop> {
        let (mut items, mut size, mut height, mut whole) = (Vec::new(), 1, 0, place);
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::SequenceEnd => {
                    if style == StructureStyle::Flow {
                        whole = whole.to(self.span(&span));
                    }
                    break;
                }
                Event::Comment(..) | Event::Anchor(..) => {}
                event => {
                    let item = self.node((event, span), depth + 1)?;
                    size += item.size;
                    height = height.max(item.height);
                    whole = widen(whole, item.node.span);
                    items.push(item.node);
                }
            }
        }
        let node = Node { span: whole, tag, value: Value::Seq(items) };
        Ok(Built { node, size, height: height + 1 })
    }

    fn mapping(
        &mut self,
        style: StructureStyle,
        place: Span,
        tag: Option<String>,
        depth: usize,
    ) -> Result<Built, Stop> {
        let (mut own, mut merged, mut size, mut height) = (Map::default(), Vec::new(), 1, 0);
        let mut whole: Option<Span> = (style == StructureStyle::Flow).then_some(place);
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::MappingEnd => {
                    if style == StructureStyle::Flow {
                        whole = whole.map(|whole| whole.to(self.span(&span)));
                    }
                    break;
                }
                Event::Comment(..) | Event::Anchor(..) => continue,
                _ => {}
            }
            let plain = matches!(&event, Event::Scalar(_, ScalarStyle::Plain, ..));
            let place = self.span(&span);
            let key = self.node((event, span), depth + 1)?.node;
            let next = self.content()?;
            let mut value = self.node(next, depth + 1)?;
            size += value.size;
            height = height.max(value.height);
            if value.node.is_null() && value.node.span.start == value.node.span.end {
                // Nothing is written: the key is the place that can be shown.
                value.node.span = place;
            }
            whole = Some(match whole {
                Some(whole) => widen(widen(whole, place), value.node.span),
                None => widen(place, value.node.span),
            });
            let text = match key.value {
                Value::Scalar(text, _) => text,
                Value::Null => self.sources.text(place).to_owned(),
                Value::Seq(_) | Value::Map(_) => {
                    self.sink.push(
                        Diagnostic::error(
                            codes::KEY,
                            format!("a key must be a text, not {}", key.describe()),
                        )
                        .label(place, "this is used as a key")
                        .help("put quotes around it when braces or brackets are part of the text"),
                    );
                    continue;
                }
            };
            if plain && text == "<<" {
                merged.push((own.len(), place, value.node));
                continue;
            }
            if let Some(first) = own.entry(&text) {
                self.sink.push(duplicate(&text, place, first.key.span));
                continue;
            }
            own.insert(Key { text, span: place }, value.node);
        }
        let map = if merged.is_empty() { own } else { self.merge(own, merged) };
        let node = Node { span: whole.unwrap_or(place), tag, value: Value::Map(map) };
        Ok(Built { node, size, height: height + 1 })
    }

    /// The next event that is a node.
    fn content(&mut self) -> Result<Next<'a>, Stop> {
        loop {
            let next = self.next()?;
            if !matches!(next.0, Event::Comment(..) | Event::Anchor(..)) {
                return Ok(next);
            }
        }
    }

    /// Applies `<<`: at its place in the order, explicit keys win, of several sources the first.
    fn merge(&mut self, own: Map, merged: Vec<(usize, Span, Node)>) -> Map {
        let mut inherited: Vec<(usize, Entry)> = Vec::new();
        let mut seen = Map::default();
        for (index, (at, place, node)) in merged.into_iter().enumerate() {
            if index > 0 {
                self.sink.push(
                    Diagnostic::error(codes::DUPLICATE_KEY, "the merge key `<<` stands twice in one mapping")
                        .label(place, "again here")
                        .help("merge several mappings with a list: `<<: [*first, *second]`"),
                );
            }
            let found = node.describe();
            let sources = match node.value {
                Value::Map(map) => vec![map],
                Value::Seq(items) if items.iter().all(|item| item.as_map().is_some()) => {
                    items.into_iter().filter_map(|item| item.as_map().cloned()).collect()
                }
                _ => {
                    self.sink.push(
                        Diagnostic::error(codes::MERGE_KEY, format!("`<<` cannot merge {found}"))
                            .label(node.span, "expected a mapping or a list of mappings")
                            .help("give the alias of a mapping: `<<: *name`"),
                    );
                    continue;
                }
            };
            for entry in sources.into_iter().flat_map(Map::into_entries) {
                if own.get(&entry.key.text).is_none() && seen.get(&entry.key.text).is_none() {
                    let nothing = Node { span: place, tag: None, value: Value::Null };
                    seen.insert(entry.key.clone(), nothing);
                    inherited.push((at, entry));
                }
            }
        }
        let mut inherited = inherited.into_iter().peekable();
        let mut out = Vec::with_capacity(own.len() + inherited.len());
        for (place, entry) in own.into_entries().into_iter().enumerate() {
            while let Some((_, entry)) = inherited.next_if(|(at, _)| *at <= place) {
                out.push(entry);
            }
            out.push(entry);
        }
        out.extend(inherited.map(|(_, entry)| entry));
        out.into_iter().collect()
    }
}

/// Joins spans unless `part` was defined elsewhere (an alias), where it would swallow the file.
fn widen(whole: Span, part: Span) -> Span {
    if part.start < whole.start { whole } else { whole.to(part) }
}

fn duplicate(key: &str, second: Span, first: Span) -> Diagnostic {
    Diagnostic::error(codes::DUPLICATE_KEY, format!("the key `{key}` stands twice in one mapping"))
        .label(second, "again here")
        .context(first, "first here")
        .note("only one of the two can have an effect")
        .help("remove one, or put both contents under one key")
}

/// How a scalar is to be read, and whether it is nothing.
fn style_of(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> (Style, bool) {
    let style = match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
        ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
    };
    match tag.and_then(Tag::core_suffix) {
        Some("str") => (if style == Style::Plain { Style::Quoted } else { style }, false),
        Some("null") => (style, true),
        Some(_) => (Style::Plain, false),
        None => (style, style == Style::Plain && matches!(text, "" | "~" | "null" | "Null" | "NULL")),
    }
}

fn local_tag(tag: Option<&Tag>) -> Option<String> {
    tag.filter(|tag| tag.core_suffix().is_none()).map(|tag| format!("{}{}", tag.handle(), tag.suffix()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(text: &str) -> (Option<Node>, String) {
        let mut sources = SourceMap::default();
        let file = sources.add("a.yaml", text);
        let mut sink = Sink::default();
        let node = parse(file, &sources, &mut sink);
        (node, seaway_diag::render::text(sink.all(), &sources, false))
    }

    fn codes_of(text: &str) -> Vec<&'static str> {
        let mut sources = SourceMap::default();
        let file = sources.add("a.yaml", text);
        let mut sink = Sink::default();
        parse(file, &sources, &mut sink);
        sink.all().iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn scalars_are_read_by_the_core_schema() {
        for (text, expected) in [
            ("", json!(null)),
            ("a: ", json!({"a": null})),
            ("a: ~", json!({"a": null})),
            ("a: null", json!({"a": null})),
            ("a: 'null'", json!({"a": "null"})),
            ("a: yes", json!({"a": "yes"})),
            ("a: True", json!({"a": true})),
            ("a: 0x1F", json!({"a": 31})),
            ("a: 3.10", json!({"a": 3.1})),
            ("a: 22:22", json!({"a": "22:22"})),
            ("a: nan", json!({"a": "nan"})),
            ("a: !!str 5", json!({"a": "5"})),
            ("a: \"\\u00e9\"", json!({"a": "é"})),
            ("a: |\n  x\n  y\n", json!({"a": "x\ny\n"})),
            ("[1, [2], {b: c}]", json!([1, [2], {"b": "c"}])),
        ] {
            let (node, findings) = run(text);
            assert_eq!(findings, "", "{text}");
            assert_eq!(node.unwrap().to_json(), expected, "{text}");
        }
    }

    #[test]
    fn aliases_and_merge_keys_expand() {
        for (text, expected) in [
            ("a: &x [1]\nb: *x", json!({"a": [1], "b": [1]})),
            ("a: &x {k: 1, l: 2}\nb: {<<: *x, l: 3}", json!({"a": {"k": 1, "l": 2}, "b": {"k": 1, "l": 3}})),
            (
                "a: &x {k: 1}\nb: &y {k: 2, m: 3}\nc: {<<: [*x, *y]}",
                json!({"a": {"k": 1}, "b": {"k": 2, "m": 3}, "c": {"k": 1, "m": 3}}),
            ),
            ("a: {<<: {k: 1}, z: 0}", json!({"a": {"k": 1, "z": 0}})),
            ("a: {'<<': {k: 1}}", json!({"a": {"<<": {"k": 1}}})),
        ] {
            let (node, findings) = run(text);
            assert_eq!(findings, "", "{text}");
            assert_eq!(node.unwrap().to_json(), expected, "{text}");
        }
        let order: Vec<_> = run("a: {z: 0, <<: {k: 1, y: 1}, b: 2, y: 3}")
            .0
            .unwrap()
            .as_map()
            .unwrap()
            .get("a")
            .unwrap()
            .as_map()
            .unwrap()
            .iter()
            .map(|entry| entry.key.text.clone())
            .collect();
        assert_eq!(order, ["z", "k", "b", "y"]);
    }

    #[test]
    fn spans_are_bytes_of_the_source() {
        let text = "é: [a, 'b c']\nm:\n  k: v\n  n:\nt: !reset x\n";
        let mut sources = SourceMap::default();
        let file = sources.add("a.yaml", text);
        let root = parse(file, &sources, &mut Sink::default()).unwrap();
        let map = root.as_map().unwrap();
        let list = map.get("é").unwrap();
        assert_eq!(sources.text(list.span), "[a, 'b c']");
        assert_eq!(sources.text(list.as_seq().unwrap()[1].span), "'b c'");
        assert_eq!(sources.text(map.get("m").unwrap().span), "k: v\n  n");
        let nothing = map.get("m").unwrap().as_map().unwrap().get("n").unwrap();
        assert_eq!((nothing.is_null(), sources.location(nothing.span)), (true, "a.yaml:4:3".to_owned()));
        assert_eq!(map.get("t").unwrap().tag.as_deref(), Some("!reset"));
        assert_eq!(sources.text(map.entry("t").unwrap().key.span), "t");
    }

    #[test]
    fn wrong_texts_have_one_finding_each() {
        for (text, code) in [
            ("a: [1, 2", codes::SYNTAX),
            ("a: b: c", codes::SYNTAX),
            ("a:\n\tb: 1", codes::SYNTAX),
            ("a: \"x", codes::SYNTAX),
            ("a: 1\n b: 2", codes::SYNTAX),
            ("a: @x", codes::SYNTAX),
            ("- a\nb: 1", codes::SYNTAX),
            ("a: {b: 1]}", codes::SYNTAX),
            ("a: 1\na: 2", codes::DUPLICATE_KEY),
            ("a: *x", codes::ALIAS),
            ("a: &x [*x]", codes::ALIAS),
            ("a: 1\n---\nb: 2", codes::DOCUMENTS),
            ("[a]: 1", codes::KEY),
            ("<<: 3", codes::MERGE_KEY),
            ("<<: [1]", codes::MERGE_KEY),
            ("<<: {a: 1}\n<<: {b: 1}", codes::DUPLICATE_KEY),
        ] {
            assert_eq!(codes_of(text), [code], "{text}\n{}", run(text).1);
        }
    }

    #[test]
    fn all_duplicates_are_reported() {
        assert_eq!(codes_of("a: {b: 1, b: 2}\nc: {d: 1, d: 2, d: 3}").len(), 3);
    }

    #[test]
    fn bombs_are_refused() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for n in 1..12 {
            let before = format!("*a{}", n - 1);
            bomb += &format!("a{n}: &a{n} [{}]\n", vec![before; 10].join(", "));
        }
        assert_eq!(codes_of(&bomb), [codes::TOO_LARGE]);
        assert_eq!(codes_of(&"[".repeat(100_000)), [codes::TOO_DEEP]);
        assert_eq!(codes_of(&"- ".repeat(1000)), [codes::TOO_DEEP]);
        assert_eq!(codes_of(&"{a: ".repeat(1000)), [codes::TOO_DEEP]);
        let mut chain = "a0: &a0 [x]\n".to_owned();
        for n in 1..400 {
            chain += &format!("a{n}: &a{n} [*a{}]\n", n - 1);
        }
        assert_eq!(codes_of(&chain), [codes::TOO_DEEP]);
        assert_eq!(codes_of(&format!("a: {}", "x".repeat(17 << 20))), [codes::TOO_LARGE]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "[a-c:\\-\\[\\]{}&*!<|>'\"#%\\n\\t ,?é]{0,40}") {
            let (_, rendered) = run(&text);
            proptest::prop_assert!(rendered.is_empty() || rendered.contains("SW01"));
        }
    }
}
