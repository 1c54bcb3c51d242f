//! `x-iam`: rights of the application beyond those that its edges give.

use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_yaml::Node;

use crate::Iam;
use crate::codes;
use crate::group::Group;
use crate::section::Section;

const KEYS: &[&str] = &["policies", "managed_policy_arns", "permissions_boundary"];

/// Returns what all containers of a task ask for: they share its role.
pub(crate) fn read(group: &Group<'_>, sink: &mut Sink) -> Iam {
    let mut iam = Iam::default();
    for service in &group.services {
        let Some(extension) = service.extensions.get("x-iam") else { continue };
        let name = &service.name.value;
        let what = format!("`x-iam` of service `{name}`");
        let Some(section) = Section::open(&extension.node, what.clone(), KEYS, sink) else { continue };
        if let Some(node) = section.get("policies") {
            match node.as_seq() {
                Some(items) => items.iter().for_each(|item| read_policy(&what, item, &mut iam, sink)),
                None => section.wrong("policies", node, "a list of policies", sink),
            }
        }
        for arn in section.texts("managed_policy_arns", sink) {
            if !arn.value.starts_with("arn:") {
                sink.push(
                    Diagnostic::error(codes::BAD_VALUE, format!("`{}` is no ARN of a policy", arn.value))
                        .label(arn.span, "this policy")
                        .help("write `arn:aws:iam::aws:policy/NAME`"),
                );
            } else if !iam.managed.contains(&arn.value) {
                iam.managed.push(arn.value);
            }
        }
        if let Some(boundary) = section.text("permissions_boundary", sink) {
            match &iam.boundary {
                Some(other) if *other != boundary.value => sink.push(
                    Diagnostic::error(
                        codes::TASK_GROUP,
                        format!("the task of `{name}` has two permissions boundaries"),
                    )
                    .label(boundary.span, "containers of one task share its role")
                    .help("keep one"),
                ),
                _ => iam.boundary = Some(boundary.value),
            }
        }
    }
    iam
}

fn read_policy(what: &str, node: &Node, iam: &mut Iam, sink: &mut Sink) {
    let keys = ["policy_name", "policy_document"];
    let Some(section) = Section::open(node, format!("a policy of {what}"), &keys, sink) else { return };
    let (name, document) = (section.text("policy_name", sink), section.get("policy_document"));
    let statements = document.and_then(Node::as_map).and_then(|map| map.get("Statement"));
    let (Some(name), Some(document), Some(_)) = (name, document, statements) else {
        sink.push(
            Diagnostic::error(codes::BAD_VALUE, format!("a policy of {what} is not whole"))
                .label(node.span, "a name and a document with statements are needed")
                .help("write `{ PolicyName: …, PolicyDocument: { Version: \"2012-10-17\", Statement: [{ Effect: Allow, Action: […], Resource: […] }] } }`"),
        );
        return;
    };
    let json = document.to_json();
    if OURS.contains(&name.value.as_str()) {
        sink.push(
            Diagnostic::error(
                codes::BAD_NAME,
                format!("a policy of {what} cannot be called `{}`", name.value),
            )
            .label(name.span, "Seaway's own policy has this name")
            .help("give it another name"),
        );
    } else if iam.policies.get(&name.value).is_some_and(|other| *other != json) {
        sink.push(
            Diagnostic::error(
                codes::TASK_GROUP,
                format!("two policies of one task are called `{}`", name.value),
            )
            .label(name.span, "containers of one task share its role")
            .help("give one of them another name"),
        );
    } else {
        iam.policies.insert(name.value, json);
    }
}

/// Names of the policies that Seaway makes.
const OURS: &[&str] = &["exec", "images", "logs", "resources", "secrets"];
