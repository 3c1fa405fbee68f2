//! A door to the server that can be slammed: TCP in front, the server's socket behind.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use tokio::net::{TcpListener, UnixStream};
use tokio::task::AbortHandle;

pub(crate) struct Proxy {
    pub(crate) port: u16,
    open: Arc<Mutex<Vec<AbortHandle>>>,
}

impl Proxy {
    pub(crate) async fn open(server: PathBuf) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let open = Arc::new(Mutex::new(Vec::<AbortHandle>::new()));
        let connections = Arc::clone(&open);
        tokio::spawn(async move {
            loop {
                let (mut client, _) = listener.accept().await.unwrap();
                let server = server.clone();
                let task = tokio::spawn(async move {
                    // A server that restarts refuses: the client finds its connection closed.
                    if let Ok(mut server) = UnixStream::connect(&server).await {
                        let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                    }
                });
                let mut connections = connections.lock().unwrap();
                connections.retain(|task| !task.is_finished());
                connections.push(task.abort_handle());
            }
        });
        Proxy { port, open }
    }

    /// Cuts each connection with this chance, in whatever it is saying; how many that were.
    pub(crate) fn cut(&self, chance: f64) -> usize {
        let open = self.open.lock().unwrap();
        let cut: Vec<&AbortHandle> = open
            .iter()
            .filter(|task| !task.is_finished() && fastrand::f64() < chance)
            .collect();
        for task in &cut {
            task.abort();
        }
        cut.len()
    }
}
