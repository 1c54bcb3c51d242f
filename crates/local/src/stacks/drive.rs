//! The steps of an operation, one after the other.

use seaway_cloud::StackStatus;

use super::converge::Failed;
use super::converge::restore;
use super::record::Entry;
use super::record::Record;
use super::record::Step;
use super::stack::StackCell;

impl StackCell {
    /// Drives the stack until nothing is left to do.
    pub(super) async fn drive(&self) {
        let _alone = self.driving.lock().await;
        while let Some(step) = self.read(|record| record.step) {
            match step {
                Step::Clear => self.clear().await,
                Step::Create => self.create().await,
                Step::CreateRollback => self.create_rollback().await,
                Step::Update => self.update().await,
                Step::UpdateCleanup => self.cleanup(StackStatus::UpdateComplete).await,
                Step::UpdateRollback => self.update_rollback().await,
                Step::RollbackCleanup => self.cleanup(StackStatus::UpdateRollbackComplete).await,
                Step::Delete => self.delete().await,
            }
        }
    }

    /// Ends `step` by `change`, unless somebody set another step meanwhile.
    fn end(&self, step: Step, change: impl FnOnce(&mut Record)) {
        self.write(|record| {
            if record.step == Some(step) {
                change(record);
            }
        });
    }

    async fn clear(&self) {
        self.write(|record| record.supersede(|_| true, Entry::retained_on_deletion));
        let left = self.sweep().await;
        self.end(Step::Clear, |record| {
            if left.is_empty() {
                record.step = Some(Step::Create);
            } else {
                record.step = None;
                record.set_status(StackStatus::RollbackFailed, Some(not_deleted(&left)));
            }
        });
    }

    async fn create(&self) {
        let answer = self.reach(Step::Create).await;
        self.end(Step::Create, |record| match answer {
            Ok(()) => {
                record.step = None;
                record.set_status(StackStatus::CreateComplete, None);
            }
            Err(reason) => {
                record.step = Some(Step::CreateRollback);
                record.set_status(StackStatus::RollbackInProgress, Some(reason));
            }
        });
    }

    async fn create_rollback(&self) {
        self.write(|record| record.supersede(|_| true, Entry::retained_on_rollback));
        let left = self.sweep().await;
        self.end(Step::CreateRollback, |record| {
            record.step = None;
            let why = record.reason.take();
            if left.is_empty() {
                record.outputs.clear();
                record.set_status(StackStatus::RollbackComplete, None);
                record.reason = why;
            } else {
                record.set_status(StackStatus::RollbackFailed, Some(not_deleted(&left)));
                record.reason = Some(not_deleted(&left));
            }
        });
    }

    async fn update(&self) {
        let answer = self.reach(Step::Update).await;
        let answer = match answer {
            Ok(()) if self.read(|record| record.cancel_requested) => {
                Err("Update cancelled by user.".to_owned())
            }
            other => other,
        };
        self.end(Step::Update, |record| match answer {
            Ok(()) => {
                record.previous = None;
                record.step = Some(Step::UpdateCleanup);
                record.set_status(StackStatus::UpdateCompleteCleanupInProgress, None);
            }
            Err(reason) => {
                record.cancel_requested = false;
                if let Some(previous) = record.previous.take() {
                    record.definition = previous;
                }
                restore(record);
                record.step = Some(Step::UpdateRollback);
                record.reason = Some(reason.clone());
                record.set_status(StackStatus::UpdateRollbackInProgress, Some(reason));
            }
        });
    }

    async fn update_rollback(&self) {
        let why = self.read(|record| record.reason.clone());
        let answer = self.reach(Step::UpdateRollback).await;
        self.end(Step::UpdateRollback, |record| match answer {
            Ok(()) => {
                record.step = Some(Step::RollbackCleanup);
                record.set_status(StackStatus::UpdateRollbackCompleteCleanupInProgress, None);
                record.reason = why;
            }
            Err(reason) => {
                record.step = None;
                record.set_status(StackStatus::UpdateRollbackFailed, Some(reason.clone()));
                record.reason = Some(reason);
            }
        });
    }

    /// Deletes what the operation left; what cannot be deleted is tried again by the next one.
    async fn cleanup(&self, then: StackStatus) {
        let step = match then {
            StackStatus::UpdateComplete => Step::UpdateCleanup,
            _ => Step::RollbackCleanup,
        };
        self.write(|record| {
            for old in &mut record.superseded {
                old.restorable = false;
            }
        });
        if let Ok(plan) = self.plan(&self.read(|record| record.definition.clone())) {
            self.write(|record| {
                let leaves = |entry: &Entry| !plan.needs.contains_key(&entry.logical_id);
                match step {
                    Step::UpdateCleanup => record.supersede(leaves, Entry::retained_on_deletion),
                    _ => record.supersede(leaves, Entry::retained_on_rollback),
                }
            });
        }
        let left = self.sweep().await;
        self.end(step, |record| {
            let why = record.reason.take();
            record.step = None;
            let reason = (!left.is_empty()).then(|| not_deleted(&left));
            record.set_status(then, reason.clone());
            record.reason = why.or(reason);
        });
    }

    async fn delete(&self) {
        self.write(|record| record.supersede(|_| true, Entry::retained_on_deletion));
        let left = self.sweep().await;
        self.end(Step::Delete, |record| {
            record.step = None;
            if left.is_empty() {
                record.set_status(StackStatus::DeleteComplete, None);
            } else {
                record.set_status(StackStatus::DeleteFailed, Some(not_deleted(&left)));
                record.reason = Some(not_deleted(&left));
            }
        });
    }

    /// Brings all resources and outputs to what the definition says, or returns the status reason.
    async fn reach(&self, step: Step) -> Result<(), String> {
        let definition = self.read(|record| record.definition.clone());
        let plan = self.plan(&definition)?;
        let cancel = self.begin(step);
        let verb = if step == Step::Create { "create" } else { "update" };
        match self.converge(&plan, &cancel).await {
            Ok(()) => {}
            Err(Failed { logical_ids }) if logical_ids.is_empty() => {
                return Err("Update cancelled by user.".to_owned());
            }
            Err(Failed { logical_ids }) => {
                let list = logical_ids.join(", ");
                return Err(format!("The following resource(s) failed to {verb}: [{list}]."));
            }
        }
        self.write(|record| {
            record.outputs = plan.outputs(record)?;
            Ok(())
        })
    }
}

fn not_deleted(logical_ids: &[String]) -> String {
    format!("The following resource(s) failed to delete: [{}].", logical_ids.join(", "))
}
