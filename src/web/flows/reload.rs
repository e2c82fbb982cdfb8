//! Reloading on change: the folders are watched, not the files, because editors replace files.

use std::sync::Arc;
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::{Flows, ReloadReport};

/// How long it must be quiet after a change: an editor writes in several steps.
const QUIET: Duration = Duration::from_millis(200);
/// How often the folders are read without any notice: network disks give none.
const ANYWAY: Duration = Duration::from_mins(1);

/// Reloads the flows whenever something changes in their folders or `wake` is notified, and passes on what is new.
///
/// Runs until the task is dropped.
pub async fn watch(
    flows: Arc<Flows>,
    mut wake: mpsc::Receiver<()>,
    tell: impl Fn(ReloadReport) + Send + 'static,
) {
    let (changed, mut changes) = mpsc::channel(1);
    let watcher = watcher(&flows, changed);
    if let Err(error) = &watcher {
        tracing::warn!(%error, "The folders cannot be watched; they are read once a minute.");
    }
    loop {
        // At once, too: what changed between the first look and the watcher gave no notice.
        let flows = Arc::clone(&flows);
        match tokio::task::spawn_blocking(move || flows.load()).await {
            Ok(report) if report.is_news() => tell(report),
            Ok(_) => {}
            Err(error) => {
                tracing::error!(%error, "The flows could not be read again: this is a bug.");
            }
        }
        tokio::select! {
            Some(()) = changes.recv() => while let Ok(Some(())) = timeout(QUIET, changes.recv()).await {},
            Some(()) = wake.recv() => {}
            () = tokio::time::sleep(ANYWAY) => {}
        }
    }
}

fn watcher(flows: &Flows, changed: mpsc::Sender<()>) -> notify::Result<RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| !event.kind.is_access()) {
            // If the channel is full, a notification is already waiting.
            let _ = changed.try_send(());
        }
    })?;
    watcher.watch(&flows.folders().flows, RecursiveMode::Recursive)?;
    for folder in [&flows.folders().audio, &flows.folders().hours] {
        if folder.exists() {
            watcher.watch(folder, RecursiveMode::Recursive)?;
        }
    }
    Ok(watcher)
}
