//! A Meilisearch server of one's own, for tests and measurements.

use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use meilisearch_sdk::client::Client;
use tempfile::TempDir;

/// A server that ends when it is dropped.
pub struct Server {
    pub url: String,
    child: Option<Child>,
    _folder: Option<TempDir>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Server {
    /// One that somebody else started.
    #[allow(dead_code, reason = "measurements start their own")]
    pub fn at(url: String) -> Self {
        Self {
            url,
            child: None,
            _folder: None,
        }
    }

    /// One with an empty folder of its own; `None` where there is no `meilisearch`.
    pub async fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Self::start_in(free_port(), folder.path()).await?;
        server._folder = Some(folder);
        Some(server)
    }

    /// One that wants a key.
    #[allow(dead_code, reason = "measurements need no key")]
    pub async fn start_with_key(master_key: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let options = ["--master-key", master_key];
        let mut server = Self::start_as(free_port(), folder.path(), &options).await?;
        server._folder = Some(folder);
        Some(server)
    }

    /// One on a port, that keeps its data in a folder.
    pub async fn start_in(port: u16, folder: &Path) -> Option<Self> {
        Self::start_as(port, folder, &[]).await
    }

    async fn start_as(port: u16, folder: &Path, options: &[&str]) -> Option<Self> {
        let child = Command::new("meilisearch")
            .args(["--no-analytics", "--env", "development", "--http-addr"])
            .arg(format!("127.0.0.1:{port}"))
            .arg("--db-path")
            .arg(folder.join("data"))
            .args(options)
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(child) = child else {
            eprintln!("skipped: no Meilisearch");
            return None;
        };
        let server = Self {
            url: format!("http://127.0.0.1:{port}"),
            child: Some(child),
            _folder: None,
        };
        server.until_it_answers().await;
        Some(server)
    }

    pub async fn until_it_answers(&self) {
        let client = Client::new(&self.url, None::<String>).unwrap();
        let mut left = 600;
        while client.health().await.is_err() {
            left -= 1;
            assert!(left > 0, "Meilisearch at {} does not answer", self.url);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    pub fn kill(&mut self) {
        if let Some(child) = &mut self.child {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
