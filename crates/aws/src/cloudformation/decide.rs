//! The answer to every status that a stack can be in.

use seaway_cloud::StackStatus;

/// What is wanted of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// It is to be what a template says.
    Up,
    /// It is to be gone.
    Down,
    /// It is stuck, and is to be usable again.
    Recover,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A change set of type `CREATE`.
    Create,
    /// The same, if only we made the empty shell that a first change set leaves; else nothing is
    /// touched: somebody is looking at a change set of their own.
    CreateInOwnShell,
    /// A change set of type `UPDATE`.
    Update,
    /// It was never whole and cannot be updated: deleted, waited for, made anew.
    DeleteThenCreate,
    /// `DeleteStack`.
    Delete,
    /// The shell is deleted if only we made it.
    DeleteOwnShell,
    /// Another operation runs: it is waited for.
    Wait,
    /// `ContinueUpdateRollback`, with the resources to skip.
    ContinueRollback,
    /// `RollbackStack`: it failed with rollback switched off.
    Rollback,
    /// It can go on only after somebody else did something; says what.
    Refuse(&'static str),
    /// It is as wished already.
    Nothing,
}

/// Why a failed rollback must be answered first (CloudFormation user guide, "Continue rolling back
/// an update").
const CONTINUE_FIRST: &str = "its last update failed and could not be rolled back: CloudFormation accepts no \
                              change before ContinueUpdateRollback";

const IMPORT_FIRST: &str = "an import of resources failed and could not be rolled back: finish it in the \
                            CloudFormation console";

/// Returns what to do with a stack of this status. From the CloudFormation user guide, "Stack status
/// codes": which operations each status admits.
pub fn decide(status: StackStatus, wish: Wish) -> Action {
    use StackStatus as S;
    let (up, down, recover) = match status {
        // A creation can be given up; everything else in progress has to come to its end.
        S::CreateInProgress => (Action::Wait, Action::Delete, Action::Wait),
        S::RollbackInProgress
        | S::UpdateInProgress
        | S::UpdateCompleteCleanupInProgress
        | S::UpdateRollbackInProgress
        | S::UpdateRollbackCompleteCleanupInProgress
        | S::ImportInProgress
        | S::ImportRollbackInProgress => (Action::Wait, Action::Wait, Action::Wait),
        S::DeleteInProgress => (Action::Wait, Action::Nothing, Action::Wait),
        S::CreateFailed | S::RollbackFailed | S::RollbackComplete | S::DeleteFailed => {
            (Action::DeleteThenCreate, Action::Delete, Action::Delete)
        }
        S::DeleteComplete => (Action::Create, Action::Nothing, Action::Nothing),
        S::CreateComplete
        | S::UpdateComplete
        | S::UpdateRollbackComplete
        | S::ImportComplete
        | S::ImportRollbackComplete => (Action::Update, Action::Delete, Action::Nothing),
        S::UpdateFailed => (Action::Update, Action::Delete, Action::Rollback),
        S::UpdateRollbackFailed => (Action::Refuse(CONTINUE_FIRST), Action::Delete, Action::ContinueRollback),
        S::ReviewInProgress => (Action::CreateInOwnShell, Action::DeleteOwnShell, Action::DeleteOwnShell),
        S::ImportRollbackFailed => {
            (Action::Refuse(IMPORT_FIRST), Action::Delete, Action::Refuse(IMPORT_FIRST))
        }
    };
    match wish {
        Wish::Up => up,
        Wish::Down => down,
        Wish::Recover => recover,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table() {
        use Action as A;
        use StackStatus as S;
        let again = (A::DeleteThenCreate, A::Delete, A::Delete);
        let wait = (A::Wait, A::Wait, A::Wait);
        let good = (A::Update, A::Delete, A::Nothing);
        let table = [
            (S::CreateInProgress, (A::Wait, A::Delete, A::Wait)),
            (S::CreateFailed, again),
            (S::CreateComplete, good),
            (S::RollbackInProgress, wait),
            (S::RollbackFailed, again),
            (S::RollbackComplete, again),
            (S::DeleteInProgress, (A::Wait, A::Nothing, A::Wait)),
            (S::DeleteFailed, again),
            (S::DeleteComplete, (A::Create, A::Nothing, A::Nothing)),
            (S::UpdateInProgress, wait),
            (S::UpdateCompleteCleanupInProgress, wait),
            (S::UpdateComplete, good),
            (S::UpdateFailed, (A::Update, A::Delete, A::Rollback)),
            (S::UpdateRollbackInProgress, wait),
            (S::UpdateRollbackFailed, (A::Refuse(CONTINUE_FIRST), A::Delete, A::ContinueRollback)),
            (S::UpdateRollbackCompleteCleanupInProgress, wait),
            (S::UpdateRollbackComplete, good),
            (S::ReviewInProgress, (A::CreateInOwnShell, A::DeleteOwnShell, A::DeleteOwnShell)),
            (S::ImportInProgress, wait),
            (S::ImportComplete, good),
            (S::ImportRollbackInProgress, wait),
            (S::ImportRollbackFailed, (A::Refuse(IMPORT_FIRST), A::Delete, A::Refuse(IMPORT_FIRST))),
            (S::ImportRollbackComplete, good),
        ];
        assert_eq!(table.len(), 23);
        for (status, (up, down, recover)) in table {
            assert_eq!(decide(status, Wish::Up), up, "{status} up");
            assert_eq!(decide(status, Wish::Down), down, "{status} down");
            assert_eq!(decide(status, Wish::Recover), recover, "{status} recover");
        }
    }

    #[test]
    fn whatever_runs_is_never_changed() {
        for status in ALL.into_iter().filter(|status| status.in_progress()) {
            assert_eq!(decide(status, Wish::Up), Action::Wait, "{status}");
            assert_eq!(decide(status, Wish::Recover), Action::Wait, "{status}");
        }
    }

    const ALL: [StackStatus; 8] = [
        StackStatus::CreateInProgress,
        StackStatus::RollbackInProgress,
        StackStatus::DeleteInProgress,
        StackStatus::UpdateInProgress,
        StackStatus::UpdateCompleteCleanupInProgress,
        StackStatus::UpdateRollbackInProgress,
        StackStatus::ImportInProgress,
        StackStatus::ImportRollbackInProgress,
    ];
}
