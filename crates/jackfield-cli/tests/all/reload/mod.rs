//! `jackfield serve` while its files change: calls, announcements, credentials, approvals and withheld tools.

mod changes;
mod http;
mod place;
mod withheld;
