//! `docs/resources.md` says what the registry says, and its examples are right.

use std::fmt::Write;
use std::path::Path;

use seaway_kinds::KINDS;
use seaway_kinds::Kind;
use seaway_kinds::Lasting;
use seaway_kinds::Property;
use seaway_kinds::Type;
use seaway_kinds::property_names;

const HEAD: &str = "\
# Resources

<!-- generated from the registry in crates/kinds by `UPDATE_DOCS=1 cargo test -p seaway-kinds --test docs` -->

Queues, buckets, databases and whatever else an application needs stand in the Compose file, under
one key per kind, in the syntax of ECS ComposeX:

```yaml
x-sqs:
  orders:                             # a name of yours
    Properties: { VisibilityTimeout: 60 }  # CloudFormation's own names
    MacroParameters: {}               # short forms, by kind
    Settings: { Retain: true }        # what becomes of the data
    Services:
      worker:                         # a service, or a task family
        Access: Consume               # what it may do: exact IAM actions on this resource
        ReturnValues: { QueueUrl: ORDERS_URL }  # attribute: environment variable
```

- **`Properties`** are checked: a name that CloudFormation does not know is an error with a suggestion.
- **`Access`** is one word, or one per part (`Access: { bucket: ListOnly, objects: RW }`). The names of
  SAM's policy templates work where they are listed. A service without `Access` learns of the
  resource, but may not use it. Who has access to a resource that is encrypted with a key of the
  file (`x-kms::name`) may use that key, too.
- **`ReturnValues`** name the environment variables; without them there is one, named after the
  resource.
- **References**: `x-kms::main`, `x-s3::uploads::BucketName` stand for the ARN or an attribute of
  another resource, in `Properties` as in the `environment` of a service; `x-aws::AWS::Region` for a
  pseudo parameter.
- **`Lookup`** means that the resource is already there. Nothing is asked from AWS while stacks are
  made: its attributes stand in `seaway.lookups.json` beside the Compose file, by environment (`*`
  for all others), module and name:
  `{\"production\": {\"x-s3\": {\"archive\": {\"BucketName\": \"…\", \"Arn\": \"…\"}}}}`.
- **Data** outlives its stack, except on `local` and in environments with a `ttl`; `Settings: { Retain:
  true }` or `false` decides otherwise. It is encrypted, backed up and closed to the public unless
  you say otherwise.
- **Databases** stand in the private subnets. Each has a security group of its own that opens its
  port for the services that name it, and for nobody else. Credentials are generated into a secret
  and never stand in a template; `SecretsMappings` puts its keys into environment variables.
- **`Scaling`** of an entry of `Services` scales the service by the resource: steps of the metric, and
  how many tasks run in each. Below the first step as many run as `deploy.replicas` says.
- On `local`, what has no counterpart on this machine is listed as declared only.
";

fn names(properties: &[Property]) -> String {
    let names: Vec<String> = properties
        .iter()
        .map(|property| match property.kind {
            Type::Word(words) => format!("`{}` ({})", property.name, words.join(", ")),
            _ => format!("`{}`", property.name),
        })
        .collect();
    names.join(", ")
}

fn section(kind: &dyn Kind) -> String {
    let facts = kind.facts();
    let mut text = format!("\n## {}\n\n`{}` makes `{}`.", facts.title, facts.key, facts.resource_type);
    match facts.lasting {
        Lasting::Nothing => {}
        Lasting::Retain => text.push_str(" It is retained when it leaves the stack."),
        Lasting::Snapshot => text.push_str(" A snapshot is kept when it leaves the stack."),
    }
    if facts.networked {
        text.push_str(" It stands in the private subnets, behind a security group of its own.");
    }
    text.push_str("\n\n```yaml\n");
    text.push_str(facts.example);
    text.push_str("```\n\n");
    if facts.access.is_empty() {
        text.push_str("There is nothing to allow: naming a service is enough.\n");
    } else {
        text.push_str("| access | allows | actions |\n|---|---|---|\n");
        for level in facts.access {
            let name = if level.part.is_empty() {
                level.name.to_owned()
            } else {
                format!("{}: {}", level.part, level.name)
            };
            let actions: Vec<String> = level.actions.iter().map(|action| format!("`{action}`")).collect();
            let _ = writeln!(text, "| `{name}` | {} | {} |", level.description, actions.join(", "));
        }
    }
    text.push('\n');
    let attributes: Vec<String> =
        facts.attributes.iter().map(|attribute| format!("`{}`", attribute.name)).collect();
    let _ = writeln!(
        text,
        "- Attributes: {}; without `ReturnValues`: {}.",
        attributes.join(", "),
        match kind.default_variable("name") {
            Some(variable) => format!("`{}` in `{variable}`", facts.default_attribute),
            None => "nothing".to_owned(),
        }
    );
    for (what, list) in [("`MacroParameters`", facts.macros), ("`Settings`", facts.settings)] {
        if !list.is_empty() {
            let _ = writeln!(text, "- {what}: {}.", names(list));
        }
    }
    for (what, list) in [("Beside `Properties`", facts.keys), ("In an entry of `Services`", facts.edge_keys)]
    {
        if !list.is_empty() {
            let _ = writeln!(text, "- {what}: `{}`.", list.join("`, `"));
        }
    }
    if !facts.defaults.is_empty() {
        let list: Vec<String> =
            facts.defaults.iter().map(|(name, json)| format!("`{name}: {json}`")).collect();
        let _ = writeln!(text, "- Unless you say otherwise: {}.", list.join(", "));
    }
    let properties = property_names(facts.resource_type);
    if !properties.is_empty() {
        let _ = writeln!(text, "- `Properties`: `{}`.", properties.join("`, `"));
    }
    text
}

/// Set `UPDATE_DOCS=1` to write the file.
#[test]
fn the_documentation_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/resources.md");
    let mut expected = HEAD.to_owned();
    let mut kinds: Vec<&&dyn Kind> = KINDS.iter().collect();
    kinds.sort_by_key(|kind| kind.key());
    for kind in kinds {
        expected.push_str(&section(*kind));
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &expected).unwrap();
        return;
    }
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(text == expected, "docs/resources.md is old: run with UPDATE_DOCS=1");
}
