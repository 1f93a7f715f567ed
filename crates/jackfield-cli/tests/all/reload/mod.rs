//! Tests `jackfield serve` while its files change: calls, notifications, credentials, approvals and withheld tools.

mod changes;
mod http;
mod place;
mod withheld;
