//! The operations on stacks.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::Mutex;

use indexmap::IndexMap;
use jiff::Timestamp;
use seaway_cloud::CloudError;
use seaway_cloud::ErrorKind;
use seaway_cloud::Result;
use seaway_cloud::Stack;
use seaway_cloud::StackChange;
use seaway_cloud::StackEvent;
use seaway_cloud::StackInput;
use seaway_cloud::StackResource;
use seaway_cloud::StackStatus;
use serde_json::Value;
use tokio::task::JoinSet;

use super::definition::Plan;
use super::definition::parameters;
use super::record::Definition;
use super::record::Record;
use super::record::Step;
use super::stack::Registry;
use super::stack::StackCell;
use crate::lock::lock;
use crate::log::Log;
use crate::realiser::Realiser;
use crate::store::Store;

/// All stacks of this machine.
pub(crate) struct Engine {
    store: Store,
    registry: Arc<Registry>,
    log: Log,
    stacks: Mutex<BTreeMap<String, Arc<StackCell>>>,
    tasks: Mutex<JoinSet<()>>,
}

impl Engine {
    /// Reads all stacks; nothing is done yet. `fallback` realises the types that none of
    /// `realisers` does.
    pub(crate) fn open(
        store: Store,
        realisers: Vec<Arc<dyn Realiser>>,
        fallback: Arc<dyn Realiser>,
        log: Log,
    ) -> io::Result<Engine> {
        let registry = Arc::new(Registry::new(realisers, fallback));
        let mut stacks = BTreeMap::new();
        for name in store.list("stacks")? {
            let Some(record) = store.load::<Record>(&name)? else { continue };
            let cell = StackCell::new(record, Arc::clone(&registry), store.clone(), log.clone());
            stacks.insert(cell.read(|record| record.name.clone()), Arc::new(cell));
        }
        Ok(Engine { store, registry, log, stacks: Mutex::new(stacks), tasks: Mutex::new(JoinSet::new()) })
    }

    /// Goes on with the operations that were interrupted.
    pub(crate) fn resume(&self) {
        for cell in self.cells() {
            if cell.read(|record| record.step.is_some()) {
                self.log.line(&format!("{}: resumed", cell.read(|record| record.name.clone())));
                self.drive(&cell);
            }
        }
    }

    /// Stops driving; what is under way is resumed by the next [`Engine::open`].
    pub(crate) fn close(&self) {
        lock(&self.tasks).abort_all();
    }

    /// See [`seaway_cloud::Stacks::describe_stack`].
    pub(crate) fn describe(&self, name: &str) -> Option<Stack> {
        describe(&*self.find(name)?)
    }

    /// See [`seaway_cloud::Stacks::list_stacks`].
    pub(crate) fn list(&self, tags: &IndexMap<String, String>) -> Vec<Stack> {
        self.cells()
            .iter()
            .filter_map(|cell| describe(cell))
            .filter(|stack| tags.iter().all(|(key, value)| stack.tags.get(key) == Some(value)))
            .collect()
    }

    /// See [`seaway_cloud::Stacks::stack_template`].
    pub(crate) fn template(&self, name: &str) -> Result<String> {
        let cell = self.existing("read the template of", name)?;
        Ok(cell.read(|record| record.definition.template.clone()))
    }

    /// See [`seaway_cloud::Stacks::stack_resources`].
    pub(crate) fn resources(&self, name: &str) -> Result<Vec<StackResource>> {
        let cell = self.existing("list the resources of", name)?;
        Ok(cell.read(|record| {
            let order = template_order(&record.definition);
            let gone = record
                .superseded
                .iter()
                .map(|old| &old.entry)
                .filter(|entry| !record.resources.contains_key(&entry.logical_id));
            let mut all: Vec<StackResource> = record
                .resources
                .values()
                .chain(gone)
                .map(|entry| StackResource {
                    logical_id: entry.logical_id.clone(),
                    physical_id: entry.shown_id(),
                    resource_type: entry.resource_type.clone(),
                    status: entry.status.clone(),
                    reason: entry.reason.clone(),
                    realised: entry.realised,
                })
                .collect();
            all.sort_by_key(|resource| order.get(&resource.logical_id).copied().unwrap_or(usize::MAX));
            all
        }))
    }

    /// See [`seaway_cloud::Stacks::stack_events`]; those of a stack that was deleted since the
    /// start of the process are still known.
    pub(crate) fn events(&self, name: &str, after: u64) -> Result<Vec<StackEvent>> {
        let cell = self.find(name).ok_or_else(|| missing("read the events of", name))?;
        Ok(cell.read(|record| record.events.iter().filter(|event| event.seq > after).cloned().collect()))
    }

    /// See [`seaway_cloud::Stacks::put_stack`].
    pub(crate) fn put(&self, input: &StackInput) -> Result<StackChange> {
        check_name(&input.name)?;
        let definition = Definition {
            template: input.template.clone(),
            parameters: input.parameters.clone(),
            tags: input.tags.clone(),
        };
        Plan::new(&definition, &input.name, "").map_err(|reason| {
            CloudError::new(ErrorKind::Validation, operation("deploy", &input.name), reason)
        })?;
        let mut stacks = lock(&self.stacks);
        let existing = stacks.get(&input.name).cloned();
        let deleted =
            existing.as_ref().filter(|cell| cell.read(|record| record.status == StackStatus::DeleteComplete));
        let (cell, after) = match existing.as_ref().filter(|_| deleted.is_none()) {
            None => {
                let seq = deleted.map_or(0, |cell| cell.read(|record| record.seq));
                let record = Record::new(&input.name, definition, seq, Timestamp::now());
                let cell = Arc::new(StackCell::new(
                    record,
                    Arc::clone(&self.registry),
                    self.store.clone(),
                    self.log.clone(),
                ));
                stacks.insert(input.name.clone(), Arc::clone(&cell));
                cell.write(|record| {
                    record.termination_protection = input.termination_protection;
                    begin(record, Step::Create, StackStatus::CreateInProgress);
                });
                (cell, seq)
            }
            Some(cell) => match cell.write(|record| put_again(record, definition, input))? {
                StackChange::Unchanged => return Ok(StackChange::Unchanged),
                StackChange::Started { after } => (Arc::clone(cell), after),
            },
        };
        drop(stacks);
        self.drive(&cell);
        Ok(StackChange::Started { after })
    }

    /// See [`seaway_cloud::Stacks::delete_stack`]. A creation in progress is cancelled.
    pub(crate) fn delete(&self, name: &str) -> Result<()> {
        let Some(cell) = self.find(name) else { return Ok(()) };
        let begun = cell.write(|record| match record.status {
            StackStatus::DeleteComplete | StackStatus::DeleteInProgress => Ok(false),
            _ if record.termination_protection => Err(CloudError::new(
                ErrorKind::Validation,
                operation("delete", name),
                "termination protection is on",
            )
            .hint("deploy it once without protection, then delete it")),
            status if status.in_progress() && status != StackStatus::CreateInProgress => {
                Err(busy("delete", name, status))
            }
            _ => {
                begin(record, Step::Delete, StackStatus::DeleteInProgress);
                Ok(true)
            }
        })?;
        if begun {
            cell.interrupt();
            self.drive(&cell);
        }
        Ok(())
    }

    /// See [`seaway_cloud::Stacks::cancel_update`].
    pub(crate) fn cancel_update(&self, name: &str) -> Result<()> {
        let cell = self.existing("cancel the update of", name)?;
        cell.write(|record| {
            if record.status != StackStatus::UpdateInProgress {
                return Err(CloudError::new(
                    ErrorKind::Validation,
                    operation("cancel the update of", name),
                    format!("no update is in progress: the stack is {}", record.status),
                ));
            }
            record.cancel_requested = true;
            Ok(())
        })?;
        cell.interrupt();
        Ok(())
    }

    fn drive(&self, cell: &Arc<StackCell>) {
        let cell = Arc::clone(cell);
        let mut tasks = lock(&self.tasks);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(async move { cell.drive().await });
    }

    fn cells(&self) -> Vec<Arc<StackCell>> {
        lock(&self.stacks).values().cloned().collect()
    }

    pub(super) fn find(&self, name: &str) -> Option<Arc<StackCell>> {
        // An ARN names a stack, too.
        let name = name.split_once(":stack/").and_then(|(_, rest)| rest.split('/').next()).unwrap_or(name);
        lock(&self.stacks).get(name).cloned()
    }

    fn existing(&self, verb: &str, name: &str) -> Result<Arc<StackCell>> {
        self.find(name)
            .filter(|cell| cell.read(|record| record.status != StackStatus::DeleteComplete))
            .ok_or_else(|| missing(verb, name))
    }
}

/// Begins what `definition` asks of a stack that is there.
fn put_again(record: &mut Record, definition: Definition, input: &StackInput) -> Result<StackChange> {
    let after = record.seq;
    if record.status.in_progress() {
        return Err(busy("deploy", &record.name, record.status));
    }
    record.termination_protection = input.termination_protection;
    match record.status {
        StackStatus::CreateComplete | StackStatus::UpdateComplete | StackStatus::UpdateRollbackComplete => {
            if same(&record.definition, &definition) {
                return Ok(StackChange::Unchanged);
            }
            record.previous = Some(std::mem::replace(&mut record.definition, definition));
            begin(record, Step::Update, StackStatus::UpdateInProgress);
        }
        // The last good definition is still the one to go back to.
        StackStatus::UpdateRollbackFailed | StackStatus::UpdateFailed => {
            record.previous = Some(std::mem::replace(&mut record.definition, definition));
            begin(record, Step::Update, StackStatus::UpdateInProgress);
        }
        _ => {
            record.definition = definition;
            record.previous = None;
            record.outputs.clear();
            begin(record, Step::Clear, StackStatus::CreateInProgress);
        }
    }
    Ok(StackChange::Started { after })
}

fn begin(record: &mut Record, step: Step, status: StackStatus) {
    record.step = Some(step);
    record.cancel_requested = false;
    record.reason = None;
    if step == Step::Update {
        record.updated = Some(Timestamp::now());
    }
    for old in &mut record.superseded {
        old.restorable = false;
    }
    record.set_status(status, Some("User Initiated".to_owned()));
    record.reason = None;
}

/// Returns true when two definitions say the same, whatever the layout of their templates.
fn same(a: &Definition, b: &Definition) -> bool {
    let template = |definition: &Definition| serde_json::from_str::<Value>(&definition.template).ok();
    a.parameters == b.parameters
        && a.tags == b.tags
        && (a.template == b.template || (template(a).is_some() && template(a) == template(b)))
}

fn describe(cell: &StackCell) -> Option<Stack> {
    cell.read(|record| record.stack(parameters(&record.definition)))
}

fn template_order(definition: &Definition) -> IndexMap<String, usize> {
    let template = serde_json::from_str::<Value>(&definition.template).unwrap_or_default();
    let resources = template.get("Resources").and_then(Value::as_object);
    resources.into_iter().flat_map(|map| map.keys().cloned()).enumerate().map(|(at, id)| (id, at)).collect()
}

/// Stack names: letters, digits and hyphens, at most 128, a letter first (CloudFormation API
/// reference, CreateStack, `StackName`).
fn check_name(name: &str) -> Result<()> {
    let good = name.len() <= 128
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if good {
        return Ok(());
    }
    Err(CloudError::new(
        ErrorKind::Validation,
        operation("deploy", name),
        "a stack name is made of at most 128 letters, digits and hyphens, a letter first",
    ))
}

fn operation(verb: &str, name: &str) -> String {
    format!("{verb} stack {name}")
}

fn missing(verb: &str, name: &str) -> CloudError {
    CloudError::new(ErrorKind::NotFound, operation(verb, name), "there is no stack of that name")
}

fn busy(verb: &str, name: &str, status: StackStatus) -> CloudError {
    CloudError::new(
        ErrorKind::Conflict,
        operation(verb, name),
        format!("another operation is in progress: the stack is {status}"),
    )
    .hint("wait for it to end, then try again")
}
