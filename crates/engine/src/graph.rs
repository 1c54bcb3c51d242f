//! Runs things that depend on each other, in parallel where they do not.

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use indexmap::IndexSet;

/// For each node the nodes that go before it.
pub(crate) type Edges = Vec<IndexSet<usize>>;

/// Runs `work` once for each node, each after those that it depends on. At the first error
/// nothing more is started, and what runs is dropped.
pub(crate) async fn run<E, F>(edges: &Edges, work: impl Fn(usize) -> F) -> Result<(), E>
where
    F: Future<Output = Result<(), E>>,
{
    let mut waiting: Vec<usize> = (0..edges.len()).collect();
    let mut done: IndexSet<usize> = IndexSet::new();
    let mut running = FuturesUnordered::new();
    loop {
        let ready: Vec<usize> = waiting
            .iter()
            .copied()
            .filter(|node| edges[*node].iter().all(|before| done.contains(before)))
            .collect();
        waiting.retain(|node| !ready.contains(node));
        for node in ready {
            let future = work(node);
            running.push(async move { (node, future.await) });
        }
        match running.next().await {
            Some((node, Ok(()))) => {
                done.insert(node);
            }
            Some((_, Err(error))) => return Err(error),
            None => return Ok(()),
        }
    }
}

/// Returns the graph with its arrows turned round.
pub(crate) fn reversed(edges: &Edges) -> Edges {
    let mut turned: Edges = vec![IndexSet::new(); edges.len()];
    for (node, befores) in edges.iter().enumerate() {
        for before in befores {
            turned[*before].insert(node);
        }
    }
    turned
}

/// Returns everything that goes before `node`, at any distance.
pub(crate) fn ancestors(edges: &Edges, node: usize) -> IndexSet<usize> {
    let mut found = IndexSet::new();
    let mut open = vec![node];
    while let Some(next) = open.pop() {
        for before in &edges[next] {
            if found.insert(*before) {
                open.push(*before);
            }
        }
    }
    found
}

/// Returns the nodes that are part of, or behind, a circle: nothing could ever start them.
pub(crate) fn stuck(edges: &Edges) -> Vec<usize> {
    let mut waiting: Vec<usize> = (0..edges.len()).collect();
    loop {
        let left: Vec<usize> = waiting
            .iter()
            .copied()
            .filter(|node| edges[*node].iter().any(|before| waiting.contains(before)))
            .collect();
        if left.len() == waiting.len() {
            return left;
        }
        waiting = left;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn edges(list: &[&[usize]]) -> Edges {
        list.iter().map(|befores| befores.iter().copied().collect()).collect()
    }

    #[tokio::test]
    async fn keeps_order_and_stops_at_the_first_error() {
        let graph = edges(&[&[], &[0], &[0], &[1, 2], &[3]]);
        let seen = RefCell::new(Vec::new());
        let answer = run(&graph, |node| {
            seen.borrow_mut().push(node);
            async move { if node == 3 { Err("three") } else { Ok(()) } }
        })
        .await;
        assert_eq!(answer, Err("three"));
        assert_eq!(*seen.borrow(), [0, 1, 2, 3]);
    }

    #[test]
    fn finds_circles_ancestors_and_turns_round() {
        assert_eq!(stuck(&edges(&[&[], &[2], &[1], &[1]])), [1, 2, 3]);
        assert!(stuck(&edges(&[&[], &[0]])).is_empty());
        let graph = edges(&[&[], &[0], &[1]]);
        assert_eq!(ancestors(&graph, 2), IndexSet::from([1, 0]));
        assert_eq!(reversed(&graph), edges(&[&[1], &[2], &[]]));
    }
}
