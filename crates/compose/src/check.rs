//! One file against the schema: unknown keys, wrong types, texts that cannot be read.

use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_diag::SourceMap;
use seaway_diag::Span;
use seaway_diag::nearest;
use seaway_yaml::Map;
use seaway_yaml::Node;
use seaway_yaml::Style;
use seaway_yaml::Value;

use crate::codes;
use crate::mount;
use crate::port;
use crate::scalar;
use crate::schema::SERVICE;
use crate::schema::Shape;

/// Checks the tree of one file. `raw`: variables are not replaced, texts with `$` are passed over.
pub(crate) fn check(root: &Node, shape: &Shape, raw: bool, sources: &SourceMap, sink: &mut Sink) {
    Checker { sources, sink, raw, path: Vec::new() }.node(root, shape);
}

struct Checker<'a, 'n> {
    sources: &'a SourceMap,
    sink: &'a mut Sink,
    raw: bool,
    path: Vec<&'n str>,
}

impl<'n> Checker<'_, 'n> {
    fn node(&mut self, node: &'n Node, shape: &Shape) {
        match node.tag.as_deref() {
            None | Some("!override") => {}
            Some("!reset") => return,
            Some(tag) => {
                self.sink.push(
                    Diagnostic::error(codes::TAG_UNKNOWN, format!("the tag `{tag}` is not known"))
                        .label(node.span, format!("the value tagged `{tag}`"))
                        .help("Compose knows `!reset` and `!override`; for a text with `!` use quotes"),
                );
                return;
            }
        }
        match shape {
            Shape::Any => {}
            Shape::OrNull(shape) => {
                if !node.is_null() {
                    self.node(node, shape);
                }
            }
            Shape::Either(shapes) => match shapes.iter().find(|shape| fits(node, shape)) {
                Some(shape) => self.node(node, shape),
                None => self.wrong(node, &expected(shape)),
            },
            Shape::List(item) => match node.as_seq() {
                Some(items) => items.iter().for_each(|one| self.node(one, item)),
                None => self.wrong(node, &expected(shape)),
            },
            Shape::Named(value) => match node.as_map() {
                Some(map) => self.named(map, value),
                None => self.wrong(node, &expected(shape)),
            },
            Shape::Table(keys) => match node.as_map() {
                Some(map) => self.table(map, keys),
                None => self.wrong(node, &expected(shape)),
            },
            Shape::Required(keys, required) => match node.as_map() {
                Some(map) => {
                    self.table(map, keys);
                    for key in required.iter().filter(|key| map.get(key).is_none()) {
                        self.sink.push(
                            Diagnostic::error(
                                codes::MISSING_KEY,
                                format!("{} needs the key `{key}`", self.place()),
                            )
                            .label(node.span, format!("`{key}` is missing here"))
                            .help(format!("add `{key}:`")),
                        );
                    }
                }
                None => self.wrong(node, &expected(shape)),
            },
            _ => self.scalar(node, shape),
        }
    }

    fn named(&mut self, map: &'n Map, value: &Shape) {
        // Only names of things (services, volumes, …) have a syntax of their own.
        let names = self.path.len() == 1;
        for entry in map {
            let name = entry.key.text.as_str();
            if names {
                self.name(name, entry.key.span);
            }
            self.path.push(name);
            self.node(&entry.value, value);
            self.path.pop();
        }
    }

    fn name(&mut self, name: &str, span: Span) {
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if name.is_empty() || !name.chars().all(good) {
            let repaired: String = name.chars().map(|c| if good(c) { c } else { '-' }).collect();
            let finding = Diagnostic::error(
                codes::NAME_INVALID,
                format!("`{name}` cannot be a name in `{}`", self.path[0]),
            )
            .label(span, "this name")
            .note("names become parts of host names, files and resources")
            .help("use letters, digits, `.`, `_` and `-`");
            self.sink.push(if name.is_empty() { finding } else { finding.fix(span, repaired) });
        }
    }

    fn table(&mut self, map: &'n Map, keys: &[(&'static str, Shape)]) {
        for entry in map {
            let key = entry.key.text.as_str();
            if key.starts_with("x-") {
                continue;
            }
            match keys.iter().find(|(name, _)| *name == key) {
                Some((_, shape)) => {
                    self.path.push(key);
                    self.node(&entry.value, shape);
                    self.path.pop();
                }
                None => self.unknown(key, entry.key.span, keys),
            }
        }
    }

    fn unknown(&mut self, key: &str, span: Span, keys: &[(&'static str, Shape)]) {
        let finding =
            Diagnostic::error(codes::UNKNOWN_KEY, format!("unknown key `{key}` in {}", self.place()))
                .label(span, "not a key of the Compose Specification here")
                .note("an unknown key has no effect, so what it says would be lost");
        let in_service = self.path.is_empty() && SERVICE.iter().any(|(name, _)| *name == key);
        let finding = match nearest(key, keys.iter().map(|(name, _)| *name)) {
            Some(name) => finding.help(format!("did you mean `{name}`?")).fix(span, name),
            _ if in_service => finding.help(format!("`{key}` belongs into a service, under `services:`")),
            None if keys.len() <= 12 => {
                let all: Vec<_> = keys.iter().map(|(name, _)| format!("`{name}`")).collect();
                finding.help(format!("keys here: {}; your own keys start with `x-`", all.join(", ")))
            }
            None => finding.help("remove it, or start it with `x-` if it is your own"),
        };
        self.sink.push(finding);
    }

    fn scalar(&mut self, node: &Node, shape: &Shape) {
        let Some(text) = node.as_str() else {
            return self.wrong(node, &expected(shape));
        };
        if self.raw && text.contains('$') {
            return;
        }
        let place = self.place();
        let finding = |code, what: &str, help: &str| {
            Diagnostic::error(code, format!("{place}: `{text}` is not {what}"))
                .label(node.span, format!("expected {what}"))
                .help(help)
        };
        let found = match shape {
            Shape::Text if node.is_number() || node.is_bool() => {
                // A variable gives a text, whatever it holds.
                if !self.sources.text(node.span).contains('$') {
                    self.wrong(node, "a string");
                }
                return;
            }
            Shape::Bool if scalar::boolean(text).is_none() => {
                return self.wrong(node, "true or false");
            }
            Shape::Whole if scalar::whole(text).is_none() => {
                finding(codes::NUMBER_INVALID, "a whole number from 0 on", "write a number such as `2`")
            }
            Shape::Amount if scalar::amount(text).is_none() => {
                finding(codes::NUMBER_INVALID, "a number from 0 on", "write a number such as `0.5`")
            }
            Shape::Number if !scalar::is_number(text) && !node.is_number() => {
                finding(codes::NUMBER_INVALID, "a number", "write a number")
            }
            Shape::Limit if scalar::limit(text).is_none() => finding(
                codes::NUMBER_INVALID,
                "a whole number from -1 on",
                "write a number such as `1024`; -1 stands for no limit",
            ),
            Shape::Duration if scalar::duration(text).is_none() => {
                let finding = finding(
                    codes::DURATION_INVALID,
                    "a duration",
                    "write numbers with units: `us`, `ms`, `s`, `m` or `h`, such as `30s` or `1m30s`",
                );
                if text.parse::<f64>().is_ok_and(|seconds| seconds >= 0.0) {
                    finding.fix(node.span, format!("{text}s"))
                } else {
                    finding
                }
            }
            Shape::Bytes if scalar::bytes(text).is_none() => finding(
                codes::BYTES_INVALID,
                "a size in bytes",
                "write a number with `b`, `k`, `m` or `g`, such as `512m` or `2g`",
            ),
            Shape::Word(words) if !words.contains(&text) => {
                let finding =
                    Diagnostic::error(codes::VALUE_INVALID, format!("{place}: `{text}` is not allowed"))
                        .label(node.span, "not one of the allowed values");
                let all: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
                let finding = finding.help(format!("allowed: {}", all.join(", ")));
                match nearest(text, words.iter().copied()) {
                    Some(word) => finding.fix(node.span, word),
                    None => finding,
                }
            }
            Shape::Pair if node.is_number() || node.is_bool() || text.starts_with('=') => {
                Diagnostic::error(codes::ENTRY_INVALID, format!("{place}: `{text}` is not an assignment"))
                    .label(node.span, "expected `NAME=value`")
                    .help("write `NAME=value`, or use a mapping: `NAME: value`")
            }
            Shape::PortRange => match port::range(text) {
                Ok(_) => return,
                Err(what) => port_finding(&place, text, node.span, &what),
            },
            Shape::PortEntry => match port::short(text) {
                Ok(_) => return,
                Err(what) => port_finding(&place, text, node.span, &what),
            },
            Shape::MountEntry => match mount::short(text) {
                Ok(_) => return,
                Err(what) => Diagnostic::error(
                    codes::MOUNT_INVALID,
                    format!("{place}: the mount `{text}` cannot be read"),
                )
                .label(node.span, what)
                .help("write `volume:/path`, `./folder:/path` or `./folder:/path:ro`"),
            },
            Shape::Command => match scalar::words(text) {
                Ok(_) => return,
                Err(what) => Diagnostic::error(codes::COMMAND_INVALID, format!("{place}: {what}"))
                    .label(node.span, "cannot be split into words")
                    .help("close the quote, or write a list: `[\"program\", \"argument\"]`"),
            },
            _ => return,
        };
        self.sink.push(found);
    }

    fn wrong(&mut self, node: &Node, expected: &str) {
        let message = match &node.value {
            Value::Null => format!("{} is empty, but must be {expected}", self.place()),
            _ => format!("{} must be {expected}, not {}", self.place(), node.describe()),
        };
        let finding = Diagnostic::error(codes::WRONG_TYPE, message)
            .label(node.span, format!("expected {expected}, found {}", node.describe()));
        let finding = match &node.value {
            Value::Null => finding.help("give it a value, or remove the key"),
            Value::Scalar(text, Style::Plain) if expected == "a string" => {
                finding.help("put quotes around it").fix(node.span, format!("\"{text}\""))
            }
            Value::Scalar(text, Style::Plain) if matches!(expected, "a list" | "a list or a mapping") => {
                finding.help("write it as a list").fix(node.span, format!("[\"{text}\"]"))
            }
            _ => finding.help(format!("write {expected} here")),
        };
        self.sink.push(finding);
    }

    /// Where the path is, for a message.
    fn place(&self) -> String {
        match self.path.as_slice() {
            [] => "the Compose file".to_owned(),
            ["services", name] => format!("service `{name}`"),
            path => format!("`{}`", path.join(".")),
        }
    }
}

fn port_finding(place: &str, text: &str, span: Span, what: &str) -> Diagnostic {
    Diagnostic::error(codes::PORT_INVALID, format!("{place}: the port `{text}` cannot be read"))
        .label(span, what)
        .help("write `\"8080\"`, `\"8080:80\"`, `\"127.0.0.1:8080:80/tcp\"` or a range `\"8000-8010:8000-8010\"`, with ports from 1 to 65535")
}

/// Whether the kind of the node is one that the shape asks for.
fn fits(node: &Node, shape: &Shape) -> bool {
    match shape {
        Shape::Any => true,
        Shape::OrNull(shape) => node.is_null() || fits(node, shape),
        Shape::Either(shapes) => shapes.iter().any(|shape| fits(node, shape)),
        Shape::List(_) => node.as_seq().is_some(),
        Shape::Named(_) | Shape::Table(_) | Shape::Required(..) => node.as_map().is_some(),
        _ => node.as_str().is_some(),
    }
}

fn expected(shape: &Shape) -> String {
    match shape {
        Shape::Any => "a value".to_owned(),
        Shape::Text | Shape::MountEntry | Shape::Command | Shape::Pair => "a string".to_owned(),
        Shape::Scalar => "a string or a number".to_owned(),
        Shape::Bool => "true or false".to_owned(),
        Shape::Whole | Shape::Amount | Shape::Number | Shape::Limit => "a number".to_owned(),
        Shape::Duration => "a duration such as `30s`".to_owned(),
        Shape::Bytes => "a size such as `512m`".to_owned(),
        Shape::PortRange | Shape::PortEntry => "a port".to_owned(),
        Shape::Word(words) => format!("one of {}", words.join(", ")),
        Shape::List(_) => "a list".to_owned(),
        Shape::Named(_) | Shape::Table(_) | Shape::Required(..) => "a mapping".to_owned(),
        Shape::OrNull(shape) => expected(shape),
        Shape::Either(shapes) => {
            let mut all: Vec<_> = shapes.iter().map(expected).collect();
            all.dedup();
            all.join(" or ")
        }
    }
}
