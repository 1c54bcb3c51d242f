//! Queues in memory and on disk: winterbaume's queue logic with what it leaves out — messages
//! survive a restart, FIFO groups keep their order, expired messages vanish, dead letters move
//! back on request.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use jiff::Timestamp;
use tokio::sync::Notify;
use winterbaume_core::StateViewError;
use winterbaume_sqs::backend::SendMessageOutput;
use winterbaume_sqs::backend::SqsBackend;
use winterbaume_sqs::state::SqsError;
use winterbaume_sqs::state::SqsState;
use winterbaume_sqs::types::Message;
use winterbaume_sqs::types::MessageAttribute;
use winterbaume_sqs::types::MessageMoveTask;
use winterbaume_sqs::types::Queue;
use winterbaume_sqs::views::SqsStateView;

use super::saved::Saved;
use crate::realiser::Failure;
use crate::store::Store;

/// Region of all queues: SDKs need a real one.
pub(super) const REGION: &str = "us-east-1";
/// Account of all queues.
pub(super) const ACCOUNT: &str = "000000000000";
const STATE: &str = "sqs";
/// Receipt handles of deleted messages that are remembered, so that deleting twice is no error.
const REMEMBERED_HANDLES: usize = 10_000;

type Answer<T> = Pin<Box<dyn Future<Output = Result<T, SqsError>> + Send>>;

/// The queues of this machine. Region and account of a request do not matter: there is one of
/// each.
#[derive(Debug)]
pub(super) struct Backend {
    store: Store,
    queues: Mutex<Queues>,
    /// Where containers find the emulator, such as `http://host.docker.internal:9750`.
    pub(super) endpoint: String,
    /// Woken by every change that has to go to disk.
    pub(super) changed: Notify,
}

/// What is in memory.
#[derive(Debug, Default)]
pub(super) struct Queues {
    /// Winterbaume's state.
    pub(super) state: SqsState,
    /// Queue name → token of the resource that it belongs to.
    pub(super) owners: BTreeMap<String, String>,
    groups: HashMap<String, String>,
}

impl Backend {
    /// Reads what was kept.
    pub(super) fn open(store: Store, endpoint: String) -> Result<Backend, Failure> {
        let saved: Saved = store
            .load(STATE)
            .map_err(|error| Failure(format!("the state file sqs.json cannot be read: {error}")))?
            .unwrap_or_default();
        let state = SqsState {
            queues: saved.queues.into_iter().map(|(name, queue)| (name, queue.into())).collect(),
            ..SqsState::default()
        };
        let queues = Queues { state, owners: saved.owners, groups: saved.groups.into_iter().collect() };
        Ok(Backend { store, queues: Mutex::new(queues), endpoint, changed: Notify::new() })
    }

    /// Writes everything to disk.
    pub(super) fn save(&self) -> Result<(), Failure> {
        let saved = {
            let mut queues = self.lock();
            queues.sweep(Timestamp::now().as_millisecond());
            Saved::of(&queues.state, &queues.owners, &queues.groups)
        };
        self.store
            .save(STATE, &saved)
            .map_err(|error| Failure(format!("the state file sqs.json cannot be written: {error}")))
    }

    /// Locks the queues; a panic elsewhere does not make them unusable.
    pub(super) fn lock(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T: Send + 'static>(&self, read: impl FnOnce(&Queues) -> Result<T, SqsError>) -> Answer<T> {
        Box::pin(std::future::ready(read(&self.lock())))
    }

    fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Queues) -> Result<T, SqsError>,
    ) -> Answer<T> {
        let answer = change(&mut self.lock());
        self.changed.notify_one();
        Box::pin(std::future::ready(answer))
    }

    /// Creates a queue, with a URL that containers can use.
    pub(super) fn create(
        &self,
        queues: &mut Queues,
        name: &str,
        attributes: &HashMap<String, String>,
        tags: Option<&HashMap<String, String>>,
    ) -> Result<Queue, SqsError> {
        queues.state.create_queue(name, REGION, ACCOUNT, attributes, tags)?;
        let queue = queues.state.queues.get_mut(name).ok_or(SqsError::NonExistentQueue)?;
        queue.queue.url = format!("{}/{ACCOUNT}/{name}", self.endpoint);
        Ok(queue.queue.clone())
    }
}

impl Queues {
    /// Drops messages that are too old, and what is remembered of those that are gone.
    fn sweep(&mut self, now: i64) {
        let mut known = HashSet::new();
        for queue in self.state.queues.values_mut() {
            let oldest = now - i64::from(queue.queue.message_retention_period) * 1000;
            queue.messages.retain(|message| message.sent_timestamp >= oldest);
            queue.dedup_index.retain(|_, (_, expires)| *expires > now);
            if queue.deleted_handles.len() > REMEMBERED_HANDLES {
                queue.deleted_handles.clear();
            }
            known.extend(queue.messages.iter().map(|message| message.message_id.clone()));
        }
        self.groups.retain(|message, _| known.contains(message));
    }

    /// Receives messages. While a message of a FIFO group is under way, the others of its group
    /// wait (winterbaume hands them out).
    fn receive(
        &mut self,
        name: &str,
        max: usize,
        visibility: Option<u32>,
        now: i64,
    ) -> Result<Vec<Message>, SqsError> {
        let Queues { state, groups, .. } = self;
        let mut held = HashMap::new();
        if let Some(queue) = state.queues.get_mut(name).filter(|queue| queue.queue.fifo_queue) {
            let under_way =
                |message: &Message| message.approximate_receive_count > 0 && message.visible_at > now;
            let busy: HashSet<&String> = queue
                .messages
                .iter()
                .filter(|message| under_way(message))
                .filter_map(|message| groups.get(&message.message_id))
                .collect();
            for message in &mut queue.messages {
                if groups.get(&message.message_id).is_some_and(|group| busy.contains(group)) {
                    held.insert(message.message_id.clone(), message.visible_at);
                    message.visible_at = i64::MAX;
                }
            }
        }
        let received = state.receive_message(name, max.min(10), visibility);
        if let Some(queue) = state.queues.get_mut(name) {
            for message in &mut queue.messages {
                if let Some(visible_at) = held.get(&message.message_id) {
                    message.visible_at = *visible_at;
                }
            }
        }
        received
    }

    /// Moves all messages out of a dead letter queue: to `destination`, or back to the queue
    /// whose dead letters they are.
    fn redrive(&mut self, source: &str, destination: Option<&str>, now: i64) -> i64 {
        let queues = &mut self.state.queues;
        let by_arn = |arn: &str| {
            queues.values().find(|queue| queue.queue.arn == arn).map(|queue| queue.queue.name.clone())
        };
        let target = match destination {
            Some(arn) => by_arn(arn),
            None => queues
                .values()
                .find(|queue| queue.dead_letter_target_arn.as_deref() == Some(source))
                .map(|queue| queue.queue.name.clone()),
        };
        let (Some(source), Some(target)) = (by_arn(source), target) else { return 0 };
        let moved =
            queues.get_mut(&source).map(|queue| std::mem::take(&mut queue.messages)).unwrap_or_default();
        let count = i64::try_from(moved.len()).unwrap_or(i64::MAX);
        if let Some(queue) = queues.get_mut(&target) {
            queue.messages.extend(moved.into_iter().map(|message| Message {
                receipt_handle: None,
                all_receipt_handles: Vec::new(),
                approximate_receive_count: 0,
                approximate_first_receive_timestamp: None,
                visible_at: now,
                ..message
            }));
        }
        count
    }
}

fn now() -> i64 {
    Timestamp::now().as_millisecond()
}

impl SqsBackend for Backend {
    fn create_queue(
        &self,
        _account: String,
        _region: String,
        name: String,
        attributes: HashMap<String, String>,
        tags: Option<HashMap<String, String>>,
    ) -> Answer<Queue> {
        self.change(|queues| self.create(queues, &name, &attributes, tags.as_ref()))
    }

    fn delete_queue(&self, _account: String, _region: String, name: String) -> Answer<()> {
        self.change(|queues| queues.state.delete_queue(&name))
    }

    fn get_queue_url(&self, _account: String, _region: String, name: String) -> Answer<String> {
        self.read(|queues| queues.state.get_queue_url(&name).map(ToOwned::to_owned))
    }

    fn get_queue_attributes(
        &self,
        _account: String,
        _region: String,
        name: String,
    ) -> Answer<HashMap<String, String>> {
        self.read(|queues| {
            let mut attributes = queues.state.get_queue_attributes(&name)?;
            // Winterbaume forgets those that were received and became visible again.
            let visible =
                queues.state.queues[&name].messages.iter().filter(|message| message.is_visible()).count();
            attributes.insert("ApproximateNumberOfMessages".to_owned(), visible.to_string());
            Ok(attributes)
        })
    }

    fn set_queue_attributes(
        &self,
        _account: String,
        _region: String,
        name: String,
        attributes: HashMap<String, String>,
    ) -> Answer<()> {
        self.change(|queues| queues.state.set_queue_attributes(&name, &attributes))
    }

    fn list_queues(&self, _account: String, _region: String, prefix: Option<String>) -> Answer<Vec<Queue>> {
        self.read(|queues| {
            let mut all: Vec<Queue> =
                queues.state.list_queues(prefix.as_deref()).into_iter().cloned().collect();
            all.sort_by(|a, b| a.name.cmp(&b.name));
            Ok(all)
        })
    }

    fn send_message(
        &self,
        _account: String,
        _region: String,
        name: String,
        body: String,
        delay_seconds: Option<u32>,
        attributes: HashMap<String, MessageAttribute>,
        group: Option<String>,
        deduplication: Option<String>,
    ) -> Answer<SendMessageOutput> {
        self.change(|queues| {
            let (group, deduplication) = (group.as_deref(), deduplication.as_deref());
            let sent =
                queues.state.send_message(&name, &body, delay_seconds, attributes, group, deduplication)?;
            if let Some(group) = group {
                queues.groups.insert(sent.message_id.clone(), group.to_owned());
            }
            Ok(SendMessageOutput { message_id: sent.message_id, body_md5: sent.body_md5 })
        })
    }

    fn receive_messages(
        &self,
        _account: String,
        _region: String,
        name: String,
        max: usize,
        visibility_timeout: Option<u32>,
    ) -> Answer<Vec<Message>> {
        let received = self.lock().receive(&name, max, visibility_timeout, now());
        // A poll that found nothing changed nothing: idle workers must not keep the disk busy.
        if !matches!(&received, Ok(messages) if messages.is_empty()) {
            self.changed.notify_one();
        }
        Box::pin(std::future::ready(received))
    }

    fn delete_message(&self, _account: String, _region: String, name: String, handle: String) -> Answer<()> {
        self.change(|queues| queues.state.delete_message(&name, &handle))
    }

    fn purge_queue(&self, _account: String, _region: String, name: String) -> Answer<()> {
        self.change(|queues| queues.state.purge_queue(&name))
    }

    fn change_message_visibility(
        &self,
        _account: String,
        _region: String,
        name: String,
        handle: String,
        seconds: u32,
    ) -> Answer<()> {
        self.change(|queues| queues.state.change_message_visibility(&name, &handle, seconds))
    }

    fn change_message_visibility_batch(
        &self,
        _account: String,
        _region: String,
        name: String,
        entries: Vec<(String, String, u32)>,
    ) -> Answer<Vec<String>> {
        self.change(|queues| queues.state.change_message_visibility_batch(&name, &entries))
    }

    fn list_queue_tags(
        &self,
        _account: String,
        _region: String,
        name: String,
    ) -> Answer<HashMap<String, String>> {
        self.read(|queues| queues.state.list_queue_tags(&name))
    }

    fn tag_queue(
        &self,
        _account: String,
        _region: String,
        name: String,
        tags: HashMap<String, String>,
    ) -> Answer<()> {
        self.change(|queues| queues.state.tag_queue(&name, &tags))
    }

    fn untag_queue(&self, _account: String, _region: String, name: String, keys: Vec<String>) -> Answer<()> {
        self.change(|queues| queues.state.untag_queue(&name, &keys))
    }

    fn add_permission(
        &self,
        _account: String,
        _region: String,
        name: String,
        label: String,
        accounts: Vec<String>,
        actions: Vec<String>,
    ) -> Answer<()> {
        self.change(|queues| queues.state.add_permission(&name, &label, accounts, actions))
    }

    fn remove_permission(
        &self,
        _account: String,
        _region: String,
        name: String,
        label: String,
    ) -> Answer<()> {
        self.change(|queues| queues.state.remove_permission(&name, &label))
    }

    fn list_dead_letter_source_queues(
        &self,
        _account: String,
        _region: String,
        name: String,
    ) -> Answer<Vec<String>> {
        self.read(|queues| queues.state.list_dead_letter_source_queues(&name))
    }

    fn start_message_move_task(
        &self,
        _account: String,
        _region: String,
        source: String,
        destination: Option<String>,
        rate: Option<i32>,
    ) -> Answer<String> {
        self.change(|queues| {
            let handle = queues.state.start_message_move_task(&source, destination.as_deref(), rate)?;
            // Winterbaume only keeps the record; the messages move here, at once.
            let moved = queues.redrive(&source, destination.as_deref(), now());
            for task in queues.state.message_move_tasks.iter_mut().filter(|task| task.task_handle == handle) {
                "COMPLETED".clone_into(&mut task.status);
                task.approximate_number_of_messages_moved = moved;
                task.approximate_number_of_messages_to_move = Some(moved);
            }
            Ok(handle)
        })
    }

    fn cancel_message_move_task(&self, _account: String, _region: String, handle: String) -> Answer<i64> {
        self.change(|queues| queues.state.cancel_message_move_task(&handle))
    }

    fn list_message_move_tasks(
        &self,
        _account: String,
        _region: String,
        source: String,
    ) -> Answer<Vec<MessageMoveTask>> {
        self.read(|queues| Ok(queues.state.list_message_move_tasks(&source).into_iter().cloned().collect()))
    }

    fn scopes_with_state(&self) -> Vec<(String, String)> {
        vec![(ACCOUNT.to_owned(), REGION.to_owned())]
    }

    fn snapshot(
        &self,
        _account: String,
        _region: String,
    ) -> Pin<Box<dyn Future<Output = SqsStateView> + Send>> {
        let view = SqsStateView::from(&self.lock().state);
        Box::pin(std::future::ready(view))
    }

    fn restore(
        &self,
        _account: String,
        _region: String,
        view: SqsStateView,
    ) -> Pin<Box<dyn Future<Output = Result<(), StateViewError>> + Send>> {
        self.lock().state = view.into();
        Box::pin(std::future::ready(Ok(())))
    }

    fn merge(
        &self,
        _account: String,
        _region: String,
        view: SqsStateView,
    ) -> Pin<Box<dyn Future<Output = Result<(), StateViewError>> + Send>> {
        self.lock().state.queues.extend(SqsState::from(view).queues);
        Box::pin(std::future::ready(Ok(())))
    }
}
