use std::io::{IsTerminal, Write};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Shows on a terminal, after half a second, that something is at work; gone when dropped.
pub(crate) struct Progress {
    done: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    pub(crate) fn start(what: &'static str) -> Option<Self> {
        if !std::io::stderr().is_terminal() {
            return None;
        }
        let (done, waiting) = channel::<()>();
        let thread = std::thread::spawn(move || {
            let mut shown = false;
            let mut wait = Duration::from_millis(500);
            for step in 0_usize.. {
                if waiting.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
                let dots = ".".repeat(step % 4);
                let _ = write!(std::io::stderr(), "\r{what}{dots:<3}");
                shown = true;
                wait = Duration::from_millis(250);
            }
            if shown {
                let blank = " ".repeat(what.chars().count() + 3);
                let _ = write!(std::io::stderr(), "\r{blank}\r");
            }
        });
        Some(Self {
            done: Some(done),
            thread: Some(thread),
        })
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.done.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
