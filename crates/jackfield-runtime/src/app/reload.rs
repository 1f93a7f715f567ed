//! Reloads a connector whose files change while it is served.

use std::collections::BTreeSet;
use std::fmt;
use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::attached::{Attached, attach};
use super::encoder;
use super::output::{Failure, tell};
use super::serve_options::ServeOptions;
use super::serve_policies::{Surroundings, policies};
use crate::auth::LocalSource;
use crate::call::held_rows::ConnectorRows;
use crate::common::caller::{Caller, Channel};
use crate::common::environment::Environment;
use crate::engine::api::Api;
use crate::engine::current_service::CurrentService;
use crate::engine::service::Service;

/// The interval at which the files are checked.
const INTERVAL: Duration = Duration::from_secs(2);

/// The files of a connector that is served from files, without being compiled.
///
/// The functions block, so they are called on a blocking thread.
pub trait ConnectorFiles: Send + 'static {
    /// Reads the files again if they have changed since the last attempt to read them. If `is_asked` is set, a user has requested this. The
    /// files are then read even if another program may still be writing them.
    fn read_changed(&mut self, is_asked: bool) -> Option<Result<ConnectorRows, UnfitFiles>>;

    /// Returns the digest of the files that were last read successfully.
    fn digest(&self) -> [u8; 32];
}

/// The file that lists what a program attaches, and the files of the attached connectors.
///
/// The functions block, so they are called on a blocking thread.
pub trait AttachedFiles: Send + 'static {
    /// Reads the files again if they have changed since the last attempt to read them. `is_asked` is set if a user has requested this.
    fn read_changed(&mut self, is_asked: bool) -> Option<Result<Vec<Attached>, UnfitFiles>>;
}

/// The files that a server follows.
pub(super) enum Followed {
    /// The files of the server's connector.
    Connector(Box<dyn ConnectorFiles>),
    /// The files of the connectors that are attached to the server.
    Attached(Box<dyn AttachedFiles>),
}

impl Followed {
    /// Returns the digest of the connector's files, to which approvals are bound.
    pub(super) fn digest(&self) -> Option<[u8; 32]> {
        match self {
            Self::Connector(files) => Some(files.digest()),
            Self::Attached(_) => None,
        }
    }

    /// Returns the connector and its attachments, if the files have changed. `earlier` is the connector that is
    /// served now.
    fn read_changed(
        &mut self,
        is_asked: bool,
        earlier: &ConnectorRows,
    ) -> Option<Result<(ConnectorRows, Vec<Attached>), UnfitFiles>> {
        match self {
            Self::Connector(files) => Some(files.read_changed(is_asked)?.map(|rows| (rows, Vec::new()))),
            Self::Attached(files) => {
                Some(files.read_changed(is_asked)?.map(|attached| (earlier.clone(), attached)))
            }
        }
    }
}

/// The error for files that cannot be served, with the reason for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnfitFiles(String);

impl UnfitFiles {
    /// Creates the error for files that cannot be served, for the reason `reason`.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for UnfitFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UnfitFiles {}

/// Creates the service for changed files in the same way as the first service.
struct Reload {
    files: Followed,
    environment: Environment,
    called: String,
    options: Arc<ServeOptions>,
}

/// Returns the service that follows `files`, and a function that starts to follow them when it is called within
/// the async executor.
pub(super) fn follow_files(
    files: Option<Followed>,
    service: Service,
    environment: &Environment,
    called: String,
    options: Arc<ServeOptions>,
) -> (CurrentService, impl FnOnce() + use<>) {
    let reload = files.map(|files| Reload { files, environment: environment.clone(), called, options });
    let current = match &reload {
        Some(_) => CurrentService::replaceable(service, takes_hangup()),
        None => service.into(),
    };
    let begin = {
        let current = current.clone();
        move || {
            if let Some(reload) = reload {
                // From here on, SIGHUP makes the server read the files again.
                tokio::spawn(follow(reload, current, Hangups::new()));
            }
        }
    };
    (current, begin)
}

/// Whether SIGHUP makes a server read its files again. If stdin is a terminal, SIGHUP means that the terminal was
/// closed.
fn takes_hangup() -> bool {
    cfg!(unix) && !std::io::stdin().is_terminal()
}

/// Replaces the service when its files change.
async fn follow(reload: Reload, current: CurrentService, mut hangups: Hangups) {
    let reload = Arc::new(Mutex::new(reload));
    loop {
        let is_asked = tokio::select! {
            () = tokio::time::sleep(INTERVAL) => false,
            () = hangups.next() => true,
        };
        let (reload, current) = (Arc::clone(&reload), current.clone());
        let reading = move || {
            // If reading panics, the files are read again at the next check.
            reload.lock().unwrap_or_else(PoisonError::into_inner).run(is_asked, &current);
        };
        if tokio::task::spawn_blocking(reading).await.is_err() {
            tell(
                "the changed files could not be read because of a bug: the server still serves the earlier files",
            );
        }
    }
}

impl Reload {
    /// Replaces the service if the files have changed, and tells the user.
    fn run(&mut self, is_asked: bool, current: &CurrentService) {
        let earlier = current.get();
        let called = &self.called;
        let Some(read) = self.files.read_changed(is_asked, earlier.rows()) else {
            if is_asked {
                tell(&format!("{called}: no file has changed"));
            }
            return;
        };
        let service = match read {
            Ok((rows, attached)) => self.service(rows, attached, &earlier),
            Err(unfit) => Err(Failure::failed(unfit.to_string())),
        };
        match service {
            Ok(service) => {
                let told = changed_tools(&earlier, &service);
                current.replace(service);
                tell(&format!("{called}: serving the changed files ({told})"));
            }
            Err(failure) => {
                let problem = failure.text.trim_end();
                tell(&format!(
                    "{called}: the changed files are not served; the earlier files still are\n{problem}"
                ));
            }
        }
    }

    fn service(
        &self,
        rows: ConnectorRows,
        attached: Vec<Attached>,
        earlier: &Service,
    ) -> Result<Service, Failure> {
        let (name, before) = (rows.get().name, earlier.connector().name);
        if name != before {
            return Err(Failure::failed(format!(
                "the connector is called {name} now, and was called {before}: start the server again, because its variables, \
                 credentials and rights have other names"
            )));
        }
        let Self { environment, called, options, .. } = self;
        let local = LocalSource::started_by(&rows, environment.clone(), called);
        let credentials = options.credentials.unwrap_or_default();
        let local = local.for_callers(credentials);
        let surroundings = Surroundings { files: self.files.digest(), earlier: Some(earlier) };
        let policies = policies(options, &local, called, surroundings)?;
        let api = Api::with_local_source(local).with_policies(policies).sharing_limits_of(earlier.api());
        let service = Service::new(api, Vec::new()).map_err(|taken| Failure::usage(taken.to_string()))?;
        let service = attach(service, attached, environment, called, credentials)?;
        let kind = options.surface.unwrap_or(service.connector().surface);
        encoder::with_encoder(service.with_surface(kind, None), options.encoder.clone(), environment)
    }
}

/// Describes the number of tools, and how many tools were added, removed and withheld.
fn changed_tools(earlier: &Service, service: &Service) -> String {
    let names = |service: &Service| -> BTreeSet<String> {
        let caller = Caller::local(Channel::CommandLine);
        service.known_tools(&caller).into_iter().map(|tool| tool.name).collect()
    };
    let (before, now) = (names(earlier), names(service));
    let (added, removed) = (now.difference(&before).count(), before.difference(&now).count());
    let listed = service.list(&Caller::local(Channel::CommandLine)).count();
    let listed = if service.has_search() { format!(", {listed} of them listed") } else { String::new() };
    let withheld = match service.withheld().len() {
        0 => String::new(),
        withheld => format!(", {withheld} withheld"),
    };
    format!("{} tools{listed}, {added} added, {removed} removed{withheld}", now.len())
}

/// Receives SIGHUP signals, from the call of [`new`](Self::new) on.
struct Hangups {
    #[cfg(unix)]
    signals: Option<tokio::signal::unix::Signal>,
}

impl Hangups {
    fn new() -> Self {
        Self {
            #[cfg(unix)]
            signals: takes_hangup()
                .then(|| tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok())
                .flatten(),
        }
    }

    async fn next(&mut self) {
        #[cfg(unix)]
        if let Some(signals) = &mut self.signals
            && signals.recv().await.is_some()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}
