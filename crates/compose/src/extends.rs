//! `extends` (specification: 05-services.md, "extends").

use std::rc::Rc;

use camino::Utf8Path;
use camino::Utf8PathBuf;
use seaway_diag::Diagnostic;
use seaway_diag::Span;
use seaway_diag::nearest;
use seaway_yaml::Map;
use seaway_yaml::Node;
use seaway_yaml::Value;

use crate::codes;
use crate::interpolate::Variables;
use crate::loader::Loader;
use crate::merge;
use crate::paths;

/// A service whose `extends` is being followed.
struct Step {
    path: Utf8PathBuf,
    service: String,
    span: Span,
}

fn services(root: &Node) -> Option<&Map> {
    root.as_map()?.get("services")?.as_map()
}

impl Loader<'_> {
    /// Replaces every service with `extends` by what it extends to. `earlier` are the files merged
    /// before this one: a service can be extended from there too.
    pub(crate) fn extend(
        &mut self,
        root: &mut Node,
        path: &Utf8Path,
        variables: &Variables,
        earlier: Option<&Node>,
    ) {
        let Some(here) = services(root) else {
            return;
        };
        let mut done = Vec::new();
        for entry in here {
            if entry.value.as_map().is_some_and(|map| map.get("extends").is_some()) {
                let mut open = Vec::new();
                let scope = Scope { services: here, earlier: earlier.and_then(services), path };
                let node = self.extended(&scope, entry.value.clone(), &entry.key.text, variables, &mut open);
                done.push((entry.key.text.clone(), node));
            }
        }
        if let Value::Map(map) = &mut root.value
            && let Some(Node { value: Value::Map(map), .. }) = map.get_mut("services")
        {
            for (name, node) in done {
                if let Some(place) = map.get_mut(&name) {
                    *place = node;
                }
            }
        }
    }

    fn extended(
        &mut self,
        scope: &Scope<'_>,
        mut node: Node,
        name: &str,
        variables: &Variables,
        open: &mut Vec<Step>,
    ) -> Node {
        let Value::Map(map) = &mut node.value else {
            return node;
        };
        let Some(extends) = map.remove("extends") else {
            return node;
        };
        let field = |key| extends.value.as_map().and_then(|map| map.get(key));
        let Some(target) = field("service").or(Some(&extends.value)).filter(|node| node.as_str().is_some())
        else {
            return node;
        };
        let (service, span) = (target.as_str().unwrap_or_default().to_owned(), target.span);
        open.push(Step { path: scope.path.to_path_buf(), service: name.to_owned(), span });
        let file = field("file").and_then(|node| Some((node.as_str()?.to_owned(), node.span)));
        let base = match file {
            None => self.base(scope, &service, span, variables, open),
            Some((file, span_of_file)) => {
                let path = self.path(&file, span_of_file);
                if !self.extended.contains_key(&path) {
                    let folder = paths::folder(&path);
                    let tree =
                        self.tree(&path, &folder, variables, Some(span_of_file), codes::EXTENDS_MISSING);
                    self.extended.insert(path.clone(), tree.map(Rc::new));
                }
                let tree = self.extended.get(&path).cloned().flatten();
                match tree.as_deref().map(services) {
                    Some(Some(here)) => {
                        let scope = Scope { services: here, earlier: None, path: &path };
                        self.base(&scope, &service, span, variables, open)
                    }
                    Some(None) => self.missing(&Map::default(), &path, &service, span),
                    None => None,
                }
            }
        };
        open.pop();
        match base {
            Some(base) => merge::service(base, node),
            None => {
                // Left in place, so that nobody complains of what the base would have brought.
                if let Value::Map(map) = &mut node.value {
                    map.insert(extends.key, extends.value);
                }
                node
            }
        }
    }

    fn base(
        &mut self,
        scope: &Scope<'_>,
        service: &str,
        span: Span,
        variables: &Variables,
        open: &mut Vec<Step>,
    ) -> Option<Node> {
        if let Some(at) = open.iter().position(|step| step.path == scope.path && step.service == service) {
            let mut finding =
                Diagnostic::error(codes::EXTENDS_CYCLE, "services extend each other in a circle");
            let chain: Vec<_> =
                open[at..].iter().map(|step| step.service.as_str()).chain([service]).collect();
            for (index, step) in open[at..].iter().enumerate() {
                finding = if index == 0 {
                    finding.label(step.span, format!("`{}` extends this", step.service))
                } else {
                    finding.context(step.span, format!("`{}` extends this", step.service))
                };
            }
            // One circle, one finding: from whichever service it was entered.
            let first = open[at..].iter().map(|step| step.span).min();
            if first == Some(open[at].span) {
                self.sink.push(finding.note(chain.join(" → ")).help("remove one of these `extends`"));
            }
            return None;
        }
        let found = scope.services.get(service).or_else(|| scope.earlier.and_then(|map| map.get(service)));
        match found {
            Some(node) => Some(self.extended(scope, node.clone(), service, variables, open)),
            None => self.missing(scope.services, scope.path, service, span),
        }
    }

    fn missing(&mut self, services: &Map, path: &Utf8Path, service: &str, span: Span) -> Option<Node> {
        let shown = paths::shown(path, &self.options.working_directory);
        let finding = Diagnostic::error(
            codes::EXTENDS_MISSING,
            format!("the service `{service}` to extend is not in `{shown}`"),
        )
        .label(span, "no such service");
        let near = nearest(service, services.iter().map(|entry| entry.key.text.as_str()));
        self.sink.push(match near {
            Some(name) => finding.help(format!("did you mean `{name}`?")).fix(span, name),
            None => finding.help("name a service of that file, or add `file:` when it is in another"),
        });
        None
    }
}

/// Where the services that can be extended are.
struct Scope<'a> {
    services: &'a Map,
    earlier: Option<&'a Map>,
    path: &'a Utf8Path,
}
