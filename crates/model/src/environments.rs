//! `x-environments` and `x-accounts`.

use camino::Utf8PathBuf;
use indexmap::IndexMap;
use seaway_compose::Project;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_diag::Span;
use seaway_diag::Spanned;
use seaway_diag::nearest;
use seaway_yaml::Node;

use crate::Cidr;
use crate::Environment;
use crate::LOCAL;
use crate::codes;
use crate::section::Section;
use crate::section::listed;

const KEYS: &[&str] = &[
    "account",
    "region",
    "files",
    "protected",
    "ephemeral",
    "domain",
    "network",
    "vpc",
    "capacity",
    "log_retention",
    "aliases",
    "notifications",
];

/// Days that CloudWatch Logs can keep (API reference, PutRetentionPolicy).
const RETENTIONS: &[u32] = &[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/// Blocks that are handed out to environments without a block: `10.0.0.0/16`, `10.1.0.0/16`, …
const POOL: std::ops::Range<u32> = 0..256;

struct Declared {
    environment: Environment,
    given: Option<(Cidr, Span)>,
    files: Vec<Spanned<String>>,
}

/// Returns the Compose files that `x-environments.<environment>.files` names, as written.
///
/// Whoever loads the project merges them after the main file and loads again.
pub fn environment_files(project: &Project, environment: &str) -> Vec<Spanned<Utf8PathBuf>> {
    let mut unused = Sink::default();
    declared(project, &mut unused)
        .into_iter()
        .filter(|entry| entry.environment.name == environment)
        .flat_map(|entry| entry.files)
        .map(|file| file.map(Utf8PathBuf::from))
        .collect()
}

/// Returns every environment in file order, `local` included (first when it is not declared).
pub(crate) fn read(project: &Project, sink: &mut Sink) -> Vec<Environment> {
    let mut entries = declared(project, sink);
    check_overlaps(&entries, sink);
    allocate(&mut entries);
    entries.into_iter().map(|entry| entry.environment).collect()
}

/// Returns the environment of this name, or reports that there is none.
pub(crate) fn resolve(
    all: &[Environment],
    name: &str,
    project: &Project,
    sink: &mut Sink,
) -> Option<Environment> {
    if let Some(found) = all.iter().find(|environment| environment.name == name) {
        return Some(found.clone());
    }
    let names: Vec<&str> = all.iter().map(|environment| environment.name.as_str()).collect();
    let mut finding =
        Diagnostic::error(codes::UNKNOWN_ENVIRONMENT, format!("there is no environment `{name}`"))
            .note("an environment must be declared, so that a slip of the keyboard never creates one");
    if let Some(extension) = project.extensions.get("x-environments") {
        finding = finding.context(extension.key_span, "environments are declared here");
    }
    finding = match nearest(name, names.iter().copied()) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding
            .help(format!("there are {}; add it with `x-environments: {{ {name}: {{}} }}`", listed(&names))),
    };
    sink.push(finding);
    None
}

fn declared(project: &Project, sink: &mut Sink) -> Vec<Declared> {
    let accounts = read_accounts(project, sink);
    let mut entries = Vec::new();
    if let Some(extension) = project.extensions.get("x-environments") {
        let node = &extension.node;
        match node.as_map() {
            Some(map) => {
                for entry in map.iter() {
                    if check_name(&entry.key.text, entry.key.span, sink) {
                        entries.push(read_one(&entry.key.text, &entry.value, &accounts, sink));
                    }
                }
            }
            None if node.is_null() => {}
            None => sink.push(
                Diagnostic::error(
                    codes::BAD_VALUE,
                    format!("`x-environments` must be a mapping, not {}", node.describe()),
                )
                .label(node.span, "a mapping from names to environments is expected here"),
            ),
        }
    }
    if !entries.iter().any(|entry| entry.environment.name == LOCAL) {
        entries.insert(0, Declared { environment: plain(LOCAL), given: None, files: Vec::new() });
    }
    entries
}

fn check_name(name: &str, span: Span, sink: &mut Sink) -> bool {
    let shape = !name.is_empty()
        && name.len() <= 32
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--");
    if !shape {
        sink.push(
            Diagnostic::error(codes::BAD_ENVIRONMENT, format!("`{name}` cannot name an environment"))
                .label(span, "this name")
                .note("it becomes a part of stack names and log groups")
                .help("use up to 32 lower-case letters, digits and single `-` between them"),
        );
        return false;
    }
    if name == "shared" || name == "pipeline" || name.starts_with("pipeline-") {
        sink.push(
            Diagnostic::error(codes::BAD_ENVIRONMENT, format!("`{name}` is kept for Seaway's own stacks"))
                .label(span, "this name")
                .help("choose another name for the environment"),
        );
        return false;
    }
    true
}

fn plain(name: &str) -> Environment {
    Environment {
        name: name.to_owned(),
        account: None,
        role: None,
        region: None,
        protected: false,
        ephemeral_ttl: None,
        domain: None,
        cidr: String::new(),
        zones: 2,
        single_nat: true,
        capacity: IndexMap::from([("FARGATE".to_owned(), 1)]),
        log_retention: 30,
    }
}

fn read_one(name: &str, node: &Node, accounts: &IndexMap<String, Account>, sink: &mut Sink) -> Declared {
    let mut environment = plain(name);
    let mut entry = Declared { environment: plain(name), given: None, files: Vec::new() };
    let Some(section) = Section::open(node, format!("environment `{name}`"), KEYS, sink) else {
        return entry;
    };
    if let Some(account) = section.text("account", sink) {
        read_account(&account, accounts, &mut environment, sink);
    }
    environment.region = section.text("region", sink).and_then(|region| {
        let fits = region.value.split('-').count() >= 3
            && region
                .value
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !fits {
            sink.push(
                Diagnostic::error(codes::BAD_ENVIRONMENT, format!("`{}` is no AWS region", region.value))
                    .label(region.span, "this region")
                    .help("write such as `eu-west-1`"),
            );
        }
        fits.then_some(region.value)
    });
    entry.files = section.texts("files", sink);
    environment.protected = section.truth("protected", sink).unwrap_or(false);
    environment.ephemeral_ttl = read_ephemeral(&section, sink);
    environment.domain = section.text("domain", sink).map(|domain| {
        sink.push(
            Diagnostic::warning(codes::NOT_YET, "`domain` of an environment is not acted on yet")
                .label(domain.span, "no DNS records and no certificate are made")
                .help("point the name to the load balancer yourself, and name it as `host` in `x-routes`"),
        );
        domain.value
    });
    if let Some(days) = section.number("log_retention", 1, 3_653, sink) {
        environment.log_retention = days.value;
        if !RETENTIONS.contains(&days.value) {
            let next = RETENTIONS.iter().copied().find(|known| *known > days.value).unwrap_or(3_653);
            environment.log_retention = next;
            sink.push(
                Diagnostic::info(codes::BAD_VALUE, format!("logs are kept {next} days, not {}", days.value))
                    .label(days.span, "CloudWatch Logs knows only certain periods"),
            );
        }
    }
    if let Some(network) = section.get("network").or_else(|| section.get("vpc")) {
        read_network(name, network, &mut environment, &mut entry.given, sink);
    }
    if let Some(capacity) = section.get("capacity") {
        read_capacity(name, capacity, &mut environment, sink);
    }
    for key in ["aliases", "notifications"] {
        if let Some(node) = section.get(key) {
            sink.push(
                Diagnostic::error(codes::NOT_YET, format!("`{key}` of an environment is not supported yet"))
                    .label(node.span, "nothing would come of this")
                    .help("take it out for now"),
            );
        }
    }
    entry.environment = environment;
    entry
}

fn read_ephemeral(section: &Section<'_>, sink: &mut Sink) -> Option<u64> {
    /// What `ephemeral: true` means.
    const A_DAY: u64 = 86_400;
    let node = section.get("ephemeral")?;
    match node.as_str() {
        Some("true") => Some(A_DAY),
        Some("false") => None,
        _ if node.as_map().is_some() => {
            let inner = Section::open(node, "`ephemeral`", &["ttl"], sink)?;
            Some(inner.duration("ttl", 60, 31_536_000, sink).map_or(A_DAY, |ttl| ttl.value))
        }
        _ => section.duration("ephemeral", 60, 31_536_000, sink).map(|ttl| ttl.value),
    }
}

fn read_network(
    name: &str,
    node: &Node,
    environment: &mut Environment,
    given: &mut Option<(Cidr, Span)>,
    sink: &mut Sink,
) {
    let keys = ["cidr", "zones", "single_nat", "lookup"];
    let Some(section) = Section::open(node, format!("`network` of environment `{name}`"), &keys, sink) else {
        return;
    };
    if let Some(zones) = section.number("zones", 2, 4, sink) {
        environment.zones = zones.value;
    }
    if let Some(single) = section.truth("single_nat", sink) {
        environment.single_nat = single;
    }
    if let Some(lookup) = section.get("lookup") {
        sink.push(
            Diagnostic::error(codes::NOT_YET, "looking up an existing network is not supported yet")
                .label(lookup.span, "nothing would come of this")
                .help("leave it out: the environment gets a network of its own"),
        );
    }
    if let Some(text) = section.text("cidr", sink) {
        match text.value.parse::<Cidr>() {
            Ok(cidr) if (16..=24).contains(&cidr.prefix()) => *given = Some((cidr, text.span)),
            Ok(_) => sink.push(
                Diagnostic::error(
                    codes::BAD_ENVIRONMENT,
                    format!("the network `{}` has the wrong size", text.value),
                )
                .label(text.span, "this block")
                .help("a VPC that is cut into subnets takes a block from /16 to /24"),
            ),
            Err(reason) => sink.push(
                Diagnostic::error(codes::BAD_ENVIRONMENT, format!("`{}` is no block: {reason}", text.value))
                    .label(text.span, "this block")
                    .help("write such as `10.20.0.0/16`"),
            ),
        }
    }
}

fn read_capacity(name: &str, node: &Node, environment: &mut Environment, sink: &mut Sink) {
    let what = format!("`capacity` of environment `{name}`");
    if let Some(word) = node.as_str() {
        match word.to_ascii_lowercase().as_str() {
            "fargate" => {}
            "fargate_spot" => environment.capacity = IndexMap::from([("FARGATE_SPOT".to_owned(), 1)]),
            _ => sink.push(capacity_error(&what, word, node.span)),
        }
        return;
    }
    let Some(map) = node.as_map() else {
        sink.push(
            Diagnostic::error(
                codes::BAD_VALUE,
                format!("{what} must be a word or a mapping, not {}", node.describe()),
            )
            .label(node.span, "expected `fargate`, `fargate_spot` or weights of both"),
        );
        return;
    };
    let mut capacity = IndexMap::new();
    for entry in map.iter() {
        let provider = entry.key.text.to_ascii_uppercase();
        if provider != "FARGATE" && provider != "FARGATE_SPOT" {
            sink.push(capacity_error(&what, &entry.key.text, entry.key.span));
            continue;
        }
        match entry.value.as_str().and_then(|text| text.parse::<u32>().ok()).filter(|weight| *weight <= 1_000)
        {
            Some(weight) => {
                capacity.insert(provider, weight);
            }
            None => sink.push(
                Diagnostic::error(
                    codes::BAD_VALUE,
                    format!("a weight in {what} must be a whole number from 0 to 1000"),
                )
                .label(entry.value.span, "this weight"),
            ),
        }
    }
    if capacity.values().any(|weight| *weight > 0) {
        environment.capacity = capacity;
    } else {
        sink.push(
            Diagnostic::error(codes::BAD_VALUE, format!("{what} has no weight above 0"))
                .label(node.span, "no task could be placed"),
        );
    }
}

fn capacity_error(what: &str, word: &str, span: Span) -> Diagnostic {
    let finding = Diagnostic::error(codes::BAD_VALUE, format!("{what} cannot be `{word}`"))
        .label(span, "not a capacity");
    if word.eq_ignore_ascii_case("ec2") {
        return finding.help("`ec2` capacity is not supported yet; `fargate` and `fargate_spot` are");
    }
    match nearest(word, ["fargate", "fargate_spot"]) {
        Some(near) => finding.help(format!("did you mean `{near}`?")).fix(span, near),
        None => finding.help("it may be `fargate` or `fargate_spot`"),
    }
}

struct Account {
    id: String,
    role: Option<String>,
}

fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn read_accounts(project: &Project, sink: &mut Sink) -> IndexMap<String, Account> {
    let mut accounts = IndexMap::new();
    let Some(extension) = project.extensions.get("x-accounts") else { return accounts };
    let Some(map) = extension.node.as_map() else {
        if !extension.node.is_null() {
            sink.push(
                Diagnostic::error(
                    codes::BAD_VALUE,
                    "`x-accounts` must be a mapping from names to account ids",
                )
                .label(extension.node.span, "a mapping is expected here"),
            );
        }
        return accounts;
    };
    for entry in map.iter() {
        let name = &entry.key.text;
        let account = match entry.value.as_str() {
            Some(id) => Some((Spanned::new(id.to_owned(), entry.value.span), None)),
            None => Section::open(&entry.value, format!("account `{name}`"), &["id", "role"], sink).and_then(
                |section| {
                    let role = section.text("role", sink).map(|role| role.value);
                    section.text("id", sink).map(|id| (id, role))
                },
            ),
        };
        let Some((id, role)) = account else { continue };
        if is_account_id(&id.value) {
            accounts.insert(name.clone(), Account { id: id.value, role });
        } else {
            sink.push(
                Diagnostic::error(codes::BAD_ENVIRONMENT, format!("`{}` is no account id", id.value))
                    .label(id.span, "this id")
                    .help("an AWS account id has 12 digits; quote it, so that a leading zero stays"),
            );
        }
    }
    accounts
}

fn read_account(
    account: &Spanned<String>,
    accounts: &IndexMap<String, Account>,
    environment: &mut Environment,
    sink: &mut Sink,
) {
    if let Some(known) = accounts.get(&account.value) {
        environment.account = Some(known.id.clone());
        environment.role = known.role.clone();
    } else if is_account_id(&account.value) {
        environment.account = Some(account.value.clone());
    } else {
        let mut finding =
            Diagnostic::error(codes::BAD_ENVIRONMENT, format!("there is no account `{}`", account.value))
                .label(account.span, "not in `x-accounts`");
        finding = match nearest(&account.value, accounts.keys().map(String::as_str)) {
            Some(near) => finding.help(format!("did you mean `{near}`?")).fix(account.span, near),
            None => finding.help("name one of `x-accounts`, or write the 12 digits in quotes"),
        };
        sink.push(finding);
    }
}

fn check_overlaps(entries: &[Declared], sink: &mut Sink) {
    for (index, entry) in entries.iter().enumerate() {
        let Some((cidr, span)) = entry.given else { continue };
        for earlier in &entries[..index] {
            if let Some((other, other_span)) = earlier.given
                && cidr.overlaps(other)
            {
                sink.push(
                    Diagnostic::error(
                        codes::OVERLAPPING_CIDR,
                        format!(
                            "the networks of `{}` ({other}) and `{}` ({cidr}) overlap",
                            earlier.environment.name, entry.environment.name
                        ),
                    )
                    .label(span, "this block")
                    .context(other_span, "overlaps with this one")
                    .note("networks that overlap can never be connected with each other")
                    .help("leave `cidr` out: blocks are handed out without overlap"),
                );
            }
        }
    }
}

/// Gives a block to every environment without one: `local` the first free of the pool, then the
/// others in file order, so that appending an environment moves nobody.
fn allocate(entries: &mut [Declared]) {
    let mut taken: Vec<Cidr> = entries.iter().filter_map(|entry| entry.given.map(|(cidr, _)| cidr)).collect();
    let ten: Option<Cidr> = "10.0.0.0/8".parse().ok();
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|index| entries.get(*index).is_some_and(|entry| !entry.environment.is_local()));
    for index in order {
        let Some(entry) = entries.get_mut(index) else { continue };
        entry.environment.cidr = match entry.given {
            Some((cidr, _)) => cidr.to_string(),
            None => {
                let free = POOL
                    .filter_map(|second| ten.and_then(|ten| ten.piece(8, second)))
                    .find(|block| !taken.iter().any(|other| other.overlaps(*block)));
                if let Some(block) = free {
                    taken.push(block);
                }
                // With all 256 blocks in use the pool starts over: only peering would notice.
                free.map_or_else(|| "10.255.0.0/16".to_owned(), |block| block.to_string())
            }
        };
    }
}
