//! Records failed authentications in the audit. The number of records is limited, so that a flood cannot fill the
//! disk.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::common::network::{network_of, shown_network};
use crate::engine::policy::audit::{Audit, FailedAuthentications};

/// The time after a record during which further failures of the same address are only counted.
const WINDOW: Duration = Duration::from_secs(60);

/// The interval at which the server checks for counts to record.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// The maximum number of addresses with a separate count. Further addresses share one count.
const MAX_ADDRESSES: usize = 64;

/// Counts failures by address. The first failure of an address is recorded at once. All failures during the next
/// minute share one record.
pub(super) struct FailureLog {
    audit: Option<Arc<dyn Audit>>,
    windows: Mutex<HashMap<Client, Window>>,
}

/// The clients whose failures are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Client {
    /// Clients in the network of this address. `None` stands for clients of a Unix socket.
    Of(Option<IpAddr>),
    Others,
}

/// The failures of a client since its last record.
struct Window {
    began: Instant,
    attempts: u64,
    /// The reason of the last failure.
    reason: &'static str,
}

impl FailureLog {
    pub(super) fn new(audit: Option<Arc<dyn Audit>>) -> Self {
        Self { audit, windows: Mutex::default() }
    }

    fn windows(&self) -> MutexGuard<'_, HashMap<Client, Window>> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the audit.
    #[cfg(feature = "serve")]
    pub(super) const fn audit(&self) -> Option<&Arc<dyn Audit>> {
        self.audit.as_ref()
    }

    /// Counts a failure.
    pub(super) async fn count(&self, address: Option<IpAddr>, reason: &'static str) {
        if self.audit.is_none() {
            return;
        }
        let now = Instant::now();
        let (client, is_first) = {
            let mut windows = self.windows();
            let own = Client::Of(address.map(network_of));
            let has_place = windows.contains_key(&own) || windows.len() < MAX_ADDRESSES;
            let client = if has_place { own } else { Client::Others };
            let mut is_first = false;
            let window = windows.entry(client).or_insert_with(|| {
                is_first = true;
                Window { began: now, attempts: 0, reason }
            });
            if !is_first {
                window.attempts += 1;
                window.reason = reason;
            }
            (client, is_first)
        };
        if is_first {
            self.record(client, 1, reason).await;
        }
    }

    /// Records the counts that are due, repeatedly, until the future is dropped.
    pub(super) async fn run(&self) {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            self.record_since(WINDOW).await;
        }
    }

    /// Records the counts of clients whose last record is at least `age` old.
    pub(super) async fn record_since(&self, age: Duration) {
        let now = Instant::now();
        let mut due = Vec::new();
        self.windows().retain(|client, window| {
            if now.duration_since(window.began) < age {
                return true;
            }
            if window.attempts == 0 {
                return false;
            }
            due.push((*client, window.attempts, window.reason));
            *window = Window { began: now, attempts: 0, reason: window.reason };
            true
        });
        for (client, attempts, reason) in due {
            self.record(client, attempts, reason).await;
        }
    }

    async fn record(&self, client: Client, attempts: u64, reason: &'static str) {
        let Some(audit) = &self.audit else { return };
        let address = match client {
            Client::Of(address) => address.map(shown_network),
            Client::Others => Some("others".to_owned()),
        };
        if let Err(error) = audit.record_failed(FailedAuthentications { address, reason, attempts }).await {
            tracing::error!(%error, "failed authentications could not be recorded");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::pending::Pending;
    use crate::engine::policy::audit::{AuditError, AuditRecord};

    #[derive(Default)]
    struct Records(Mutex<Vec<(String, u64, &'static str)>>);

    impl Audit for Records {
        fn record(&self, _: AuditRecord) -> Pending<'_, Result<(), AuditError>> {
            Box::pin(async { Ok(()) })
        }

        fn record_failed(&self, failed: FailedAuthentications) -> Pending<'_, Result<(), AuditError>> {
            let FailedAuthentications { address, reason, attempts } = failed;
            self.0.lock().unwrap().push((address.unwrap_or_default(), attempts, reason));
            Box::pin(async { Ok(()) })
        }
    }

    fn log() -> (FailureLog, Arc<Records>) {
        let records = Arc::new(Records::default());
        (FailureLog::new(Some(Arc::<Records>::clone(&records))), records)
    }

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn authentication_failures_of_an_address_share_one_audit_record_a_minute() {
        let (log, records) = log();
        for _ in 0..1000 {
            log.count(address("192.0.2.1"), "wrong").await;
        }
        log.count(address("2001:db8::1"), "expired").await;
        log.count(None, "none").await;
        let first = [("192.0.2.1", 1, "wrong"), ("2001:db8::/64", 1, "expired"), ("", 1, "none")];
        let taken = || std::mem::take(&mut *records.0.lock().unwrap());
        assert_eq!(taken(), first.map(|(address, attempts, reason)| (address.to_owned(), attempts, reason)));
        let _ = tokio::time::timeout(WINDOW - Duration::from_secs(1), log.run()).await;
        assert_eq!(taken(), []);
        let _ = tokio::time::timeout(WINDOW, log.run()).await;
        assert_eq!(taken(), [("192.0.2.1".to_owned(), 999, "wrong")]);
        let _ = tokio::time::timeout(3 * WINDOW, log.run()).await;
        assert!(taken().is_empty() && log.windows().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn number_of_audit_records_about_failed_authentications_is_bounded() {
        let (log, records) = log();
        for host in 0..10_000 {
            log.count(Some(std::net::Ipv4Addr::from(0x0a00_0000 + host).into()), "wrong").await;
        }
        log.record_since(Duration::ZERO).await;
        let records = records.0.lock().unwrap();
        assert_eq!(records.len(), MAX_ADDRESSES + 2);
        assert_eq!(records.iter().map(|(_, attempts, _)| attempts).sum::<u64>(), 10_000);
        assert_eq!(records.last().unwrap().0, "others");
    }
}
