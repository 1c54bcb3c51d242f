//! An HTTP server that gives prepared answers and remembers what it was asked.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use seaway_aws::AccessKey;
use seaway_aws::AwsCloud;
use seaway_aws::Target;
use secrecy::SecretString;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;

/// A call as it came.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// The action, or method and path for S3 and Scheduler.
    pub(crate) action: String,
    /// Header lines in lower case, one a line.
    pub(crate) headers: String,
    /// Form or JSON text, decoded.
    pub(crate) body: String,
}

type Answer = (u16, String);

#[derive(Default)]
struct Script {
    answers: HashMap<String, VecDeque<Answer>>,
    calls: Vec<Call>,
}

/// The server; it ends with the test's runtime.
#[derive(Clone)]
pub(crate) struct Scripted {
    pub(crate) url: String,
    script: Arc<Mutex<Script>>,
}

pub(crate) const ACCOUNT: &str = "111122223333";

impl Scripted {
    /// Starts it; it knows who is calling.
    pub(crate) async fn start() -> Scripted {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::new(Mutex::new(Script::default()));
        let shared = Arc::clone(&script);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        let server = Scripted { url, script };
        let caller = format!(
            "<Arn>arn:aws:iam::{ACCOUNT}:role/deploy</Arn><UserId>A</UserId><Account>{ACCOUNT}</Account>"
        );
        server.on("GetCallerIdentity", 200, &result("GetCallerIdentity", &caller));
        server
    }

    /// Adds an answer to an action; the last one is given again and again.
    pub(crate) fn on(&self, action: &str, status: u16, body: &str) {
        let mut script = self.script.lock().unwrap();
        script.answers.entry(action.to_owned()).or_default().push_back((status, body.to_owned()));
    }

    /// Returns the calls but that for the caller's identity.
    pub(crate) fn calls(&self) -> Vec<Call> {
        let script = self.script.lock().unwrap();
        script.calls.iter().filter(|call| call.action != "GetCallerIdentity").cloned().collect()
    }

    /// Returns the names of the calls.
    pub(crate) fn actions(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.action).collect()
    }

    /// Returns the only call of that action.
    pub(crate) fn call(&self, action: &str) -> Call {
        let all: Vec<Call> = self.calls().into_iter().filter(|call| call.action == action).collect();
        assert_eq!(all.len(), 1, "{action}: {:?}", self.actions());
        all[0].clone()
    }

    pub(crate) fn target(&self) -> Target {
        Target {
            access_key: Some(AccessKey {
                id: "AKIDEXAMPLE".into(),
                secret: SecretString::from("example".to_owned()),
            }),
            region: Some("eu-west-1".into()),
            account: Some(ACCOUNT.into()),
            endpoint_url: Some(self.url.clone()),
            app: "shop".into(),
            env: "production".into(),
            poll_interval: Some(Duration::from_millis(5)),
            ..Target::default()
        }
    }

    pub(crate) async fn cloud(&self) -> AwsCloud {
        AwsCloud::connect(&self.target()).await.unwrap()
    }
}

/// Returns an answer of the Query protocol.
pub(crate) fn result(action: &str, inner: &str) -> String {
    format!(
        "<{action}Response><{action}Result>{inner}</{action}Result>\
         <ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></{action}Response>"
    )
}

/// Returns an error of the Query protocol.
pub(crate) fn error(code: &str, message: &str) -> String {
    format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
         <RequestId>r-1</RequestId></ErrorResponse>"
    )
}

async fn serve(mut stream: TcpStream, script: Arc<Mutex<Script>>) {
    let mut buffer = Vec::new();
    loop {
        let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else {
            let mut more = vec![0; 16 * 1024];
            match stream.read(&mut more).await {
                Ok(0) | Err(_) => return,
                Ok(read) => buffer.extend(&more[..read]),
            }
            continue;
        };
        let head = String::from_utf8(buffer[..end].to_vec()).unwrap();
        let headers = head.to_lowercase();
        let field = |name: &str| {
            let line = headers.lines().find(|line| line.starts_with(&format!("{name}:")));
            line.map(|line| line.split_once(':').unwrap().1.trim().to_owned())
        };
        if field("expect").is_some() {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.unwrap();
        }
        let length = field("content-length").map_or(0, |text| text.parse::<usize>().unwrap());
        while buffer.len() < end + 4 + length {
            let mut more = vec![0; 16 * 1024];
            let read = stream.read(&mut more).await.unwrap();
            assert!(read > 0, "the request is cut off");
            buffer.extend(&more[..read]);
        }
        let body = String::from_utf8_lossy(&buffer[end + 4..end + 4 + length]).into_owned();
        buffer.drain(..end + 4 + length);
        let answer = answer(&head, headers, &body, &script);
        let text = format!(
            "HTTP/1.1 {} X\r\ncontent-length: {}\r\netag: \"tag-1\"\r\n\r\n{}",
            answer.0,
            answer.1.len(),
            answer.1
        );
        if stream.write_all(text.as_bytes()).await.is_err() {
            return;
        }
    }
}

fn answer(head: &str, headers: String, body: &str, script: &Mutex<Script>) -> Answer {
    let first = head.lines().next().unwrap();
    let target = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("x-amz-target").then(|| value.trim().to_owned())
    });
    let body = if body.starts_with("Action=") { decode(body) } else { body.to_owned() };
    let action = match (target, body.strip_prefix("Action=")) {
        (Some(target), _) => target.rsplit('.').next().unwrap().to_owned(),
        (None, Some(rest)) => rest.split('&').next().unwrap().to_owned(),
        (None, None) => {
            let mut parts = first.split(' ');
            let (method, path) = (parts.next().unwrap(), parts.next().unwrap());
            format!("{method} {}", path.split('?').next().unwrap())
        }
    };
    let mut script = script.lock().unwrap();
    script.calls.push(Call { action: action.clone(), headers, body });
    match script.answers.get_mut(&action) {
        Some(queue) if queue.len() > 1 => queue.pop_front().unwrap(),
        Some(queue) => queue.front().cloned().unwrap(),
        None => (400, format!("{{\"__type\":\"Unscripted\",\"message\":\"{action}\"}}")),
    }
}

/// Decodes a form without splitting it.
fn decode(form: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = form.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let hex = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap()
            }
            other => other,
        });
    }
    String::from_utf8(out).unwrap()
}
