//! `x-routes`: reading, the route that a lone published port implies, clashes.

use seaway_compose::Service;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_diag::Span;
use seaway_yaml::Node;

use crate::Cidr;
use crate::Kind;
use crate::Route;
use crate::TargetCheck;
use crate::Workload;
use crate::codes;
use crate::priority;
use crate::section::Section;

const KEYS: &[&str] = &[
    "host",
    "path",
    "port",
    "protocol",
    "health_check",
    "stickiness",
    "source_ranges",
    "deregistration_delay",
];
/// Values that all conditions of a listener rule may hold together (ELB quotas).
const MOST_VALUES: usize = 5;

impl Default for TargetCheck {
    /// A new target serves after one success; a dead one is out after ten seconds.
    fn default() -> Self {
        TargetCheck {
            path: "/".to_owned(),
            interval: 5,
            timeout: 2,
            healthy: 2,
            unhealthy: 2,
            matcher: "200-399".to_owned(),
        }
    }
}

/// Returns the routes that a service's `x-routes` states. `delay` is the default of
/// `deregistration_delay` in seconds.
pub(crate) fn read(service: &Service, delay: u32, sink: &mut Sink) -> Vec<Route> {
    let Some(extension) = service.extensions.get("x-routes") else { return Vec::new() };
    let node = &extension.node;
    let items = match node.as_seq() {
        Some(items) => items,
        None => std::slice::from_ref(node),
    };
    items.iter().filter_map(|item| read_one(service, item, delay, sink)).collect()
}

/// Returns the route to everything that a single published port implies.
pub(crate) fn implied(container: &str, port: u16, span: Span, protocol: &str, delay: u32) -> Route {
    Route {
        span,
        host: None,
        path: "/".to_owned(),
        container: container.to_owned(),
        port,
        protocol: protocol.to_owned(),
        health: check_for(protocol),
        stickiness: None,
        source_ranges: Vec::new(),
        priority: 0,
        deregistration_delay: delay,
    }
}

/// Returns the protocol toward a target that speaks a Compose `app_protocol`; nothing when an
/// HTTP load balancer cannot speak it.
pub(crate) fn protocol_of(app_protocol: Option<&str>) -> Option<&'static str> {
    match app_protocol.map(str::to_ascii_lowercase).as_deref() {
        None | Some("http" | "https" | "http1") => Some("HTTP"),
        Some("http2" | "h2" | "h2c") => Some("HTTP2"),
        Some("grpc") => Some("GRPC"),
        Some(_) => None,
    }
}

fn check_for(protocol: &str) -> TargetCheck {
    if protocol == "GRPC" {
        TargetCheck {
            path: "/AWS.ALB/healthcheck".to_owned(),
            matcher: "12".to_owned(),
            ..TargetCheck::default()
        }
    } else {
        TargetCheck::default()
    }
}

fn read_one(service: &Service, node: &Node, delay: u32, sink: &mut Sink) -> Option<Route> {
    let name = &service.name.value;
    let what = format!("`x-routes` of service `{name}`");
    // `x-routes: [/api]` is short for the path alone.
    let short = node.as_str().map(str::to_owned);
    let section = match &short {
        Some(_) => None,
        None => Some(Section::open(node, what.clone(), KEYS, sink)?),
    };
    let text = |key: &str, sink: &mut Sink| section.as_ref().and_then(|section| section.text(key, sink));
    let path = short.or_else(|| text("path", sink).map(|path| path.value)).unwrap_or_else(|| "/".to_owned());
    let path = check_path(name, &path, node.span, sink)?;
    let host = match text("host", sink) {
        Some(host) => Some(check_host(name, &host.value, host.span, sink)?),
        None => None,
    };
    let protocol =
        section.as_ref().and_then(|section| section.word("protocol", &["http", "http2", "grpc"], sink));
    let (port, app_protocol) = pick_port(service, section.as_ref(), node.span, sink)?;
    let protocol = match protocol {
        Some(word) => protocol_of(Some(word.value)),
        None => protocol_of(app_protocol.as_deref()),
    };
    let protocol = protocol.unwrap_or("HTTP");
    let mut route = Route { path, host, ..implied(name, port, node.span, protocol, delay) };
    if let Some(section) = &section {
        if let Some(check) = section.get("health_check") {
            read_check(&what, check, &mut route.health, sink);
        }
        route.stickiness = read_stickiness(section, sink);
        if let Some(seconds) = section.duration("deregistration_delay", 0, 3_600, sink) {
            route.deregistration_delay = u32::try_from(seconds.value).unwrap_or(delay);
        }
        for range in section.texts("source_ranges", sink) {
            match range.value.parse::<Cidr>() {
                Ok(cidr) => route.source_ranges.push(cidr.to_string()),
                Err(reason) => sink.push(
                    Diagnostic::error(codes::BAD_ROUTE, format!("`{}` is no block: {reason}", range.value))
                        .label(range.span, "this range")
                        .help("write such as `203.0.113.0/24`; a single address is `203.0.113.7/32`"),
                ),
            }
        }
    }
    let values = route.source_ranges.len() + condition_values(&route);
    if values > MOST_VALUES {
        sink.push(
            Diagnostic::error(
                codes::BAD_ROUTE,
                format!("a route of service `{name}` has {values} conditions, a rule holds {MOST_VALUES}"),
            )
            .label(node.span, "this route")
            .help("widen the source ranges, or split the route in two"),
        );
    }
    Some(route)
}

/// How many values host and path of a route take in its rule.
fn condition_values(route: &Route) -> usize {
    let host = usize::from(route.host.is_some());
    let path = match route.path.as_str() {
        "/" => usize::from(route.host.is_none()),
        path if path.contains(['*', '?']) => 1,
        _ => 2,
    };
    host + path
}

fn check_path(service: &str, path: &str, span: Span, sink: &mut Sink) -> Option<String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.$/~\"'@:+&*?".contains(&byte);
    let reason = if !path.starts_with('/') {
        "it must begin with `/`"
    } else if path.len() > 126 {
        "it must not be longer than 126 characters"
    } else if !path.bytes().all(allowed) {
        "only letters, digits and `_ - . $ / ~ \" ' @ : + & * ?` may be in it"
    } else {
        // `/api/` and `/api/*` mean the prefix `/api`.
        let trimmed = path.strip_suffix("/*").unwrap_or(path).trim_end_matches('/');
        let clean = if trimmed.is_empty() { "/" } else { trimmed };
        if priority::depth(clean) > priority::DEEPEST {
            "it has more parts than priorities can be computed for (7)"
        } else {
            return Some(clean.to_owned());
        }
    };
    sink.push(
        Diagnostic::error(
            codes::BAD_ROUTE,
            format!("the path `{path}` of a route of service `{service}` is wrong"),
        )
        .label(span, reason)
        .help("write such as `/api`: it matches `/api` and everything below it"),
    );
    None
}

fn check_host(service: &str, host: &str, span: Span, sink: &mut Sink) -> Option<String> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-.*?".contains(&byte);
    if host.len() <= 128
        && host.contains('.')
        && host.bytes().all(allowed)
        && !host.starts_with('.')
        && !host.contains("..")
    {
        return Some(host);
    }
    // `localhost` has no dot and is the one such name that can be asked for.
    if host == "localhost" {
        return Some(host);
    }
    sink.push(
        Diagnostic::error(
            codes::BAD_ROUTE,
            format!("the host `{host}` of a route of service `{service}` is wrong"),
        )
        .label(span, "not a host name")
        .help("write such as `shop.example.com` or `*.example.com`, without scheme, port and path"),
    );
    None
}

fn pick_port(
    service: &Service,
    section: Option<&Section<'_>>,
    span: Span,
    sink: &mut Sink,
) -> Option<(u16, Option<String>)> {
    let name = &service.name.value;
    let tcp = || service.ports.iter().filter(|port| port.protocol == "tcp");
    let exposed = |port: u16| service.expose.iter().any(|exposed| exposed.value == port);
    if let Some(section) = section
        && section.get("port").is_some()
    {
        let given = section.number("port", 1, 65_535, sink)?;
        let port = u16::try_from(given.value).ok()?;
        if let Some(found) = tcp().find(|found| found.target == port) {
            return Some((port, found.app_protocol.clone()));
        }
        if exposed(port) {
            return Some((port, None));
        }
        let mut finding = Diagnostic::error(
            codes::BAD_ROUTE,
            format!("a route of service `{name}` leads to port {port}, which it does not have"),
        )
        .label(given.span, "no container port of this service");
        finding = match tcp().find(|found| found.published == Some(port)) {
            Some(found) => finding
                .help(format!("{port} is the published side; the container listens on {}", found.target))
                .fix(given.span, found.target.to_string()),
            None => finding.help(format!("add it: `ports: [\"{port}\"]` or `expose: [\"{port}\"]`")),
        };
        sink.push(finding);
        return None;
    }
    let mut candidates: Vec<_> = tcp().filter(|port| port.published.is_some()).collect();
    if candidates.is_empty() {
        candidates = tcp().collect();
    }
    match (candidates.as_slice(), service.expose.as_slice()) {
        ([port], _) => Some((port.target, port.app_protocol.clone())),
        ([], [port]) => Some((port.value, None)),
        ([], []) => {
            sink.push(
                Diagnostic::error(codes::BAD_ROUTE, format!("service `{name}` has a route but no port"))
                    .label(span, "this route leads nowhere")
                    .help("add the port that the container listens on, such as `ports: [\"80:8080\"]`"),
            );
            None
        }
        _ => {
            sink.push(
                Diagnostic::error(
                    codes::BAD_ROUTE,
                    format!("service `{name}` has several ports and a route that names none"),
                )
                .label(span, "which port?")
                .help("add `port: NUMBER` to the route"),
            );
            None
        }
    }
}

fn read_check(what: &str, node: &Node, check: &mut TargetCheck, sink: &mut Sink) {
    if let Some(path) = node.as_str() {
        set_check_path(what, path, node.span, check, sink);
        return;
    }
    let keys = ["path", "interval", "timeout", "healthy", "unhealthy", "matcher"];
    let Some(section) = Section::open(node, format!("`health_check` in {what}"), &keys, sink) else { return };
    if let Some(path) = section.text("path", sink) {
        set_check_path(what, &path.value, path.span, check, sink);
    }
    let seconds = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
    if let Some(interval) = section.duration("interval", 5, 300, sink) {
        check.interval = seconds(interval.value);
    }
    if let Some(timeout) = section.duration("timeout", 2, 120, sink) {
        check.timeout = seconds(timeout.value);
    }
    if let Some(number) = section.number("healthy", 2, 10, sink) {
        check.healthy = number.value;
    }
    if let Some(number) = section.number("unhealthy", 2, 10, sink) {
        check.unhealthy = number.value;
    }
    if let Some(matcher) = section.text("matcher", sink) {
        let fits = matcher.value.split(',').flat_map(|part| part.split('-')).all(|code| {
            code.trim().parse::<u16>().is_ok_and(|code| code <= 99 || (200..=599).contains(&code))
        });
        if fits {
            check.matcher = matcher.value;
        } else {
            sink.push(
                Diagnostic::error(
                    codes::BAD_ROUTE,
                    format!("the matcher `{}` in {what} is wrong", matcher.value),
                )
                .label(matcher.span, "not a list of codes")
                .help("write such as `200`, `200,302` or `200-399`"),
            );
        }
    }
    if check.timeout >= check.interval {
        sink.push(
            Diagnostic::error(
                codes::BAD_ROUTE,
                format!(
                    "the health check in {what} has a timeout of {} s and an interval of {} s",
                    check.timeout, check.interval
                ),
            )
            .label(node.span, "the timeout must be smaller")
            .help("raise the interval or lower the timeout"),
        );
    }
}

fn set_check_path(what: &str, path: &str, span: Span, check: &mut TargetCheck, sink: &mut Sink) {
    if path.starts_with('/') && path.len() <= 1_024 && !path.contains(char::is_whitespace) {
        check.path = path.to_owned();
    } else {
        sink.push(
            Diagnostic::error(codes::BAD_ROUTE, format!("the health check path `{path}` in {what} is wrong"))
                .label(span, "it must begin with `/`")
                .help("write such as `/health`"),
        );
    }
}

/// Reads `stickiness: true`, `stickiness: 1h` or `stickiness: { duration: 1h }`, in seconds.
fn read_stickiness(section: &Section<'_>, sink: &mut Sink) -> Option<u32> {
    /// A day, as the load balancer's own default.
    const A_DAY: u32 = 86_400;
    let node = section.get("stickiness")?;
    match node.as_str() {
        Some("true") => return Some(A_DAY),
        Some("false") => return None,
        _ => {}
    }
    let seconds = if node.as_map().is_some() {
        let inner = Section::open(node, "`stickiness`", &["enabled", "duration"], sink)?;
        if inner.truth("enabled", sink) == Some(false) {
            return None;
        }
        inner.duration("duration", 1, 604_800, sink)
    } else {
        section.duration("stickiness", 1, 604_800, sink)
    };
    seconds.and_then(|seconds| u32::try_from(seconds.value).ok())
}

/// Target groups that an ECS service can have (ECS quotas).
const MOST_GROUPS: usize = 5;

fn check_groups(service: &crate::Service, sink: &mut Sink) {
    let mut groups: Vec<&Route> = Vec::new();
    for route in &service.routes {
        let known = groups.iter().any(|other| {
            (other.port, &other.protocol, &other.health, other.stickiness, other.deregistration_delay)
                == (route.port, &route.protocol, &route.health, route.stickiness, route.deregistration_delay)
        });
        if !known {
            groups.push(route);
        }
    }
    if let Some(route) = groups.get(MOST_GROUPS) {
        sink.push(
            Diagnostic::error(
                codes::BAD_ROUTE,
                format!("routes of service `{}` differ in more than {MOST_GROUPS} ways", route.container),
            )
            .label(route.span, "one too many")
            .note("each combination of port, protocol, health check, stickiness and delay is a target group")
            .help("let routes of one port share their settings"),
        );
    }
}

/// Checks the routes of all workloads against each other and gives every one its priority.
pub(crate) fn settle<'w>(workloads: impl Iterator<Item = &'w mut Workload>, sink: &mut Sink) {
    let mut routes: Vec<&mut Route> = workloads
        .filter_map(|workload| match &mut workload.kind {
            Kind::Service(service) => Some(service),
            _ => None,
        })
        .flat_map(|service| {
            check_groups(service, sink);
            service.routes.iter_mut()
        })
        .collect();
    routes.sort_by(|a, b| (&a.host, &a.path).cmp(&(&b.host, &b.path)));
    for pair in routes.windows(2) {
        if let [first, second] = pair
            && (&first.host, &first.path) == (&second.host, &second.path)
        {
            let (earlier, later) = if first.span <= second.span { (first, second) } else { (second, first) };
            let host = earlier.host.as_deref().unwrap_or("any host");
            sink.push(
                Diagnostic::error(
                    codes::ROUTES_CLASH,
                    format!(
                        "services `{}` and `{}` both claim `{}` of {host}",
                        earlier.container, later.container, earlier.path
                    ),
                )
                .label(later.span, format!("`{}` claims it here", later.container))
                .context(earlier.span, format!("`{}` claims it here", earlier.container))
                .note("the load balancer would send every request to one of them only")
                .help("give one of them another path or host"),
            );
        }
    }
    let keys: Vec<(Option<&str>, &str)> =
        routes.iter().map(|route| (route.host.as_deref(), route.path.as_str())).collect();
    match priority::assign(&keys) {
        Ok(priorities) => {
            for (route, priority) in routes.iter_mut().zip(priorities) {
                route.priority = priority;
            }
        }
        Err(index) => {
            if let Some(route) = routes.get(index) {
                sink.push(
                    Diagnostic::error(
                        codes::TOO_MANY_ROUTES,
                        "there are more routes than a load balancer holds",
                    )
                    .label(route.span, "this one does not fit any more")
                    .help("route by host or by a shorter common path and let the service tell them apart"),
                );
            }
        }
    }
}
