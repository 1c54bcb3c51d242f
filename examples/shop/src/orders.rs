//! Orders: where the api keeps them, and how the others ask for them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use serde_json::Value;

/// Where orders are kept.
pub enum Store {
    /// A file for each order in a folder. Two tasks of the api, as during a release, share it.
    Folder(PathBuf),
    /// Only as long as the process runs.
    Memory(Mutex<BTreeMap<String, Value>>),
}

impl Store {
    /// Opens the folder, or memory where there is none.
    pub fn open(folder: Option<String>) -> Result<Self, String> {
        match folder {
            Some(folder) => {
                std::fs::create_dir_all(&folder).map_err(|e| format!("cannot use {folder}: {e}"))?;
                Ok(Store::Folder(folder.into()))
            }
            None => Ok(Store::Memory(Mutex::default())),
        }
    }

    /// Keeps an order under its id.
    pub fn put(&self, id: &str, order: &Value) -> Result<(), String> {
        match self {
            Store::Folder(folder) => {
                // Written beside and renamed: nobody ever reads half an order.
                let draft = folder.join(format!("{id}.draft"));
                std::fs::write(&draft, order.to_string())
                    .and_then(|()| std::fs::rename(&draft, folder.join(format!("{id}.json"))))
                    .map_err(|e| format!("cannot keep the order {id}: {e}"))
            }
            Store::Memory(orders) => {
                let mut orders = orders.lock().unwrap_or_else(PoisonError::into_inner);
                orders.insert(id.to_owned(), order.clone());
                Ok(())
            }
        }
    }

    /// Returns one order.
    pub fn get(&self, id: &str) -> Option<Value> {
        // Ids come out of addresses; ours are hexadecimal.
        if !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        match self {
            Store::Folder(folder) => {
                let text = std::fs::read(folder.join(format!("{id}.json"))).ok()?;
                serde_json::from_slice(&text).ok()
            }
            Store::Memory(orders) => orders.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned(),
        }
    }

    /// Returns all orders, the oldest first: ids begin with the time.
    pub fn list(&self) -> Vec<Value> {
        match self {
            Store::Folder(folder) => {
                let mut names: Vec<PathBuf> = std::fs::read_dir(folder)
                    .into_iter()
                    .flatten()
                    .filter_map(|entry| Some(entry.ok()?.path()))
                    .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
                    .collect();
                names.sort();
                names
                    .iter()
                    .filter_map(|path| serde_json::from_slice(&std::fs::read(path).ok()?).ok())
                    .collect()
            }
            Store::Memory(orders) => {
                orders.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
            }
        }
    }
}

/// How the other parts of the shop talk to the api.
pub struct Client {
    base: String,
    agent: ureq::Agent,
}

impl Client {
    /// Makes a client for `http://api:8080`.
    pub fn new(base: String) -> Self {
        // No connection is kept: every request asks for the name again and so finds the tasks
        // that serve now, not those of the last release.
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(5)))
            .max_idle_connections(0)
            .http_status_as_error(false)
            .build()
            .into();
        Client { base: base.trim_end_matches('/').to_owned(), agent }
    }

    /// Returns all orders.
    pub fn list(&self) -> Result<Value, String> {
        self.answer("/orders", self.agent.get(format!("{}/orders", self.base)).call())
    }

    /// Posts a document and returns the answer.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value, String> {
        let request =
            self.agent.post(format!("{}{path}", self.base)).header("Content-Type", "application/json");
        self.answer(path, request.send(body.to_string()))
    }

    fn answer(
        &self,
        path: &str,
        response: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<Value, String> {
        let mut response = response.map_err(|e| format!("{}{path}: {e}", self.base))?;
        let status = response.status();
        let text = response.body_mut().read_to_string().map_err(|e| format!("{}{path}: {e}", self.base))?;
        if !status.is_success() {
            return Err(format!("{}{path}: {status}: {}", self.base, text.trim_end()));
        }
        serde_json::from_str(&text).map_err(|e| format!("{}{path}: {e}", self.base))
    }
}
