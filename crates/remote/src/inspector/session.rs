//! A session of the inspector's protocol: commands and their answers, as JSON.

use crate::Error;
use serde_json::{Value, json};
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Message, WebSocket};

/// The largest message that is read. A profile of an hour has some 100 MB.
const LARGEST_MESSAGE_BYTES: usize = 1 << 30;

/// The longest time for which one read waits.
const PAUSE: Duration = Duration::from_millis(50);

/// The reason of a command without an answer.
const NO_ANSWER: &str =
    "no answer in time: its event loop may be blocked in native code, or wait for a child process";

/// A session with one process.
pub(crate) struct Session {
    socket: WebSocket<TcpStream>,
    place: SocketAddr,
    target: String,
    last: u64,
}

impl Session {
    /// Connects to the WebSocket of an inspector.
    pub(crate) fn open(place: SocketAddr, path: &str, target: &str) -> Result<Self, Error> {
        let failed = |why: String| Error::NoConnection { address: target.to_owned(), why };
        let stream = TcpStream::connect_timeout(&place, Duration::from_secs(5));
        let stream = stream.map_err(|why| failed(why.to_string()))?;
        let patience = Some(Duration::from_secs(10));
        let set =
            stream.set_read_timeout(patience).and_then(|()| stream.set_write_timeout(patience));
        set.map_err(|why| failed(why.to_string()))?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(LARGEST_MESSAGE_BYTES))
            .max_frame_size(Some(LARGEST_MESSAGE_BYTES));
        let url = format!("ws://{place}{path}");
        let (socket, _) = tungstenite::client::client_with_config(url, stream, Some(config))
            .map_err(|why| failed(why.to_string()))?;
        let set = socket.get_ref().set_read_timeout(Some(PAUSE));
        set.map_err(|why| failed(why.to_string()))?;
        Ok(Self { socket, place, target: target.to_owned(), last: 0 })
    }

    /// Sends a command, and returns its answer.
    pub(crate) fn call(
        &mut self,
        method: &'static str,
        parameters: Value,
        patience: Duration,
    ) -> Result<Value, Error> {
        self.call_unless(method, parameters, patience, &|| false)
    }

    /// Does what [`Session::call`] does until `stop` returns true.
    fn call_unless(
        &mut self,
        method: &'static str,
        parameters: Value,
        patience: Duration,
        stop: &dyn Fn() -> bool,
    ) -> Result<Value, Error> {
        self.last += 1;
        let command = json!({ "id": self.last, "method": method, "params": parameters });
        self.socket.send(Message::text(command.to_string())).map_err(|_| self.gone())?;
        let until = Instant::now() + patience;
        loop {
            if let Some(mut answer) = self.read()?
                && answer.get("id").and_then(Value::as_u64) == Some(self.last)
            {
                let error = answer.pointer("/error/message").and_then(Value::as_str);
                if let Some(text) = error {
                    return Err(self.refused(method, text));
                }
                return Ok(answer.get_mut("result").map(Value::take).unwrap_or_default());
            }
            if stop() {
                return Err(Error::Interrupted);
            }
            if Instant::now() > until {
                return Err(self.refused(method, NO_ANSWER));
            }
        }
    }

    /// Evaluates an expression in the process, and returns its value.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Result<Value, Error> {
        self.evaluate_unless(expression, &|| false)
    }

    /// Does what [`Session::evaluate`] does until `stop` returns true.
    pub(crate) fn evaluate_unless(
        &mut self,
        expression: &str,
        stop: &dyn Fn() -> bool,
    ) -> Result<Value, Error> {
        let parameters = json!({
            "expression": expression, "returnByValue": true, "includeCommandLineAPI": true,
        });
        let patience = Duration::from_secs(30);
        let mut answer = self.call_unless("Runtime.evaluate", parameters, patience, stop)?;
        Ok(answer.pointer_mut("/result/value").map(Value::take).unwrap_or_default())
    }

    /// Waits until `time` has passed, until `stop` returns true, or until the process is about to
    /// end and waits for this session. Other messages that arrive in the meantime are dropped.
    pub(crate) fn wait(&mut self, time: Duration, stop: &dyn Fn() -> bool) -> Result<(), Error> {
        let until = Instant::now() + time;
        while Instant::now() < until && !stop() {
            let message = self.read()?;
            let method = message.as_ref().and_then(|message| message.get("method"));
            if method.and_then(Value::as_str) == Some("NodeRuntime.waitingForDisconnect") {
                break;
            }
        }
        Ok(())
    }

    /// Returns the target, as the caller named it.
    pub(crate) fn target(&self) -> &str {
        &self.target
    }

    /// Returns the address of the inspector, as `HOST:PORT`.
    pub(crate) fn place(&self) -> String {
        self.place.to_string()
    }

    pub(crate) fn close(mut self) {
        // The process may have ended, so that there is nothing left to close.
        let _ = self.socket.close(None);
        let _ = self.socket.flush();
    }

    /// Reads a message, if one arrives within [`PAUSE`].
    fn read(&mut self) -> Result<Option<Value>, Error> {
        match self.socket.read() {
            Ok(Message::Text(text)) => Ok(serde_json::from_str(&text).ok()),
            Ok(Message::Close(_)) => Err(self.gone()),
            Ok(_) => Ok(None),
            Err(tungstenite::Error::Io(why))
                if matches!(why.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) =>
            {
                Ok(None)
            }
            Err(_) => Err(self.gone()),
        }
    }

    fn gone(&self) -> Error {
        Error::Gone { target: self.target.clone() }
    }

    fn refused(&self, method: &'static str, text: &str) -> Error {
        Error::Inspector { target: self.target.clone(), method, text: text.to_owned() }
    }
}
