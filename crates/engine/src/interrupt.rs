//! Ctrl-C: detach, or cancel and go back.

use std::sync::Arc;

use tokio::sync::watch;

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wish {
    /// Nothing.
    GoOn,
    /// Leave; the stacks go on.
    Detach,
    /// Stop and go back.
    Cancel,
}

/// A handle that interrupts a running operation of an [`Engine`](crate::Engine).
#[derive(Clone, Debug)]
pub struct Interrupt {
    wish: Arc<watch::Sender<Wish>>,
}

impl Default for Interrupt {
    fn default() -> Self {
        Interrupt { wish: Arc::new(watch::Sender::new(Wish::GoOn)) }
    }
}

impl Interrupt {
    /// Asks to leave: the operation ends as detached after `Options::detach_grace`, its stacks
    /// go on.
    pub fn detach(&self) {
        self.raise(Wish::Detach);
    }

    /// Asks to stop what runs and to go back.
    pub fn cancel(&self) {
        self.raise(Wish::Cancel);
    }

    /// A signal came: the first one detaches, a second one within the grace cancels.
    pub fn signal(&self) {
        let wish = *self.wish.borrow();
        self.raise(if wish == Wish::GoOn { Wish::Detach } else { Wish::Cancel });
    }

    fn raise(&self, wish: Wish) {
        self.wish.send_if_modified(|current| {
            let higher = wish > *current;
            *current = wish.max(*current);
            higher
        });
    }

    /// Waits until at least `wish` is asked for.
    pub(crate) async fn wait(&self, wish: Wish) {
        let mut receiver = self.wish.subscribe();
        // The sender lives as long as `self`.
        let _ = receiver.wait_for(|current| *current >= wish).await;
    }

    /// Returns what is asked for.
    pub(crate) fn wish(&self) -> Wish {
        *self.wish.borrow()
    }
}
