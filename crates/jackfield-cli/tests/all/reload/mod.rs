//! Tests `jackfield serve` while the served files change: calls, notifications, credentials, approvals and withheld tools.

mod changes;
mod http;
mod place;
mod withheld;
