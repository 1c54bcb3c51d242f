//! Priorities of listener rules, computed from how specific a route is.
//!
//! A route's priority depends on that route, not on how many others there are: two stacks that
//! are updated at the same time can then never want each other's number, and a new route renumbers
//! nobody. Each class of specificity has a range of numbers; a route takes the slot in it that
//! the hash of its host and path gives, the next free one where that is taken.
//!
//! Order of the classes: exact host, wildcard host (more labels first), no host; in each, more
//! path parts before fewer: where one path is a prefix of another, it has fewer parts.

use std::collections::BTreeSet;

/// Most parts of a path.
pub(crate) const DEEPEST: usize = 7;
/// How many priorities there are for a number of path parts, from [`DEEPEST`] down to 0.
const WIDTHS: [u32; DEEPEST + 1] = [450, 450, 450, 450, 2_000, 3_000, 5_000, 500];
/// Priority of `/` on any host: the largest that the load balancer knows.
const LAST: u32 = 50_000;

/// Returns how many parts a path has; `/` has none.
pub(crate) fn depth(path: &str) -> usize {
    path.split('/').filter(|part| !part.is_empty()).count()
}

/// Returns the range of priorities of a route: first number and how many there are.
fn range(host: Option<&str>, path: &str) -> (u32, u32) {
    let class = match host {
        Some(host) if !host.contains(['*', '?']) => 0,
        Some(host) if host.split('.').count() >= 4 => 1,
        Some(_) => 2,
        None => 3,
    };
    let per_class: u32 = WIDTHS.iter().sum();
    let row = DEEPEST - depth(path).min(DEEPEST);
    let before: u32 = WIDTHS.iter().take(row).sum();
    (1 + class * per_class + before, WIDTHS.get(row).copied().unwrap_or(1))
}

/// FNV-1a: stable for ever, spread well enough for slots, no dependency.
fn hash(host: Option<&str>, path: &str) -> u32 {
    let mut state: u32 = 0x811c_9dc5;
    for byte in host.unwrap_or("*").bytes().chain([0]).chain(path.bytes()) {
        state = (state ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    state
}

/// Returns a priority for every route (host, path), in the order given, which must be sorted so
/// that the result does not depend on the order of the file.
///
/// # Errors
/// The index of the first route for which there is no number left.
pub(crate) fn assign(routes: &[(Option<&str>, &str)]) -> Result<Vec<u32>, usize> {
    let mut taken: BTreeSet<u32> = BTreeSet::new();
    let mut priorities = Vec::with_capacity(routes.len());
    for (index, (host, path)) in routes.iter().enumerate() {
        let priority = if host.is_none() && *path == "/" {
            LAST
        } else {
            let (first, width) = range(*host, path);
            let slot = hash(*host, path) % width;
            (0..width)
                .map(|step| first + (slot + step) % width)
                .find(|number| !taken.contains(number))
                .ok_or(index)?
        };
        taken.insert(priority);
        priorities.push(priority);
    }
    Ok(priorities)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(host: Option<&str>, path: &str) -> u32 {
        assign(&[(host, path)]).unwrap()[0]
    }

    #[test]
    fn specific_routes_come_first() {
        let order = [
            one(Some("a.example.com"), "/x/y"),
            one(Some("b.example.com"), "/x"),
            one(Some("a.example.com"), "/"),
            one(Some("*.shop.example.com"), "/"),
            one(Some("*.example.com"), "/x"),
            one(Some("*.example.com"), "/"),
            one(None, "/x/y/z"),
            one(None, "/x/y"),
            one(None, "/x"),
            one(None, "/"),
        ];
        assert!(order.is_sorted(), "{order:?}");
        assert_eq!(order.last(), Some(&50_000));
    }

    #[test]
    fn a_thousand_routes_have_numbers_of_their_own() {
        let paths: Vec<String> = (0..1_000).map(|number| format!("/service-{number}")).collect();
        let routes: Vec<(Option<&str>, &str)> = paths.iter().map(|path| (None, path.as_str())).collect();
        let priorities = assign(&routes).unwrap();
        let distinct: BTreeSet<u32> = priorities.iter().copied().collect();
        assert_eq!(distinct.len(), routes.len());
        assert!(priorities.iter().all(|priority| (1..50_000).contains(priority)));
    }

    #[test]
    fn too_many_routes_are_told() {
        let paths: Vec<String> = (0..6_000).map(|number| format!("/{number}")).collect();
        let routes: Vec<(Option<&str>, &str)> = paths.iter().map(|path| (None, path.as_str())).collect();
        assert_eq!(assign(&routes), Err(5_000));
    }
}
