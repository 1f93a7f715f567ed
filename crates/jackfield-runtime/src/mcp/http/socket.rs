//! A Unix socket that only its user can open. The socket file is removed when the server ends.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, Mode, OFlags};
use tokio::net::{UnixListener, UnixStream};

use crate::mcp::error::{FolderFault, ServeError, ServeFault, SocketFault};

/// A socket and its file, which is removed when the socket is dropped.
#[derive(Debug)]
pub(super) struct Socket {
    listener: UnixListener,
    path: PathBuf,
    /// The device and inode of the socket file, so that the file of another server is not removed.
    file: (u64, u64),
    /// The id of the user whose clients may connect.
    user: u32,
}

impl Socket {
    /// Creates the socket. If a server that has ended left its socket file behind, the file is replaced.
    pub(super) fn bind(path: &Path) -> Result<Self, ServeError> {
        let refused = |fault| ServeError::from(ServeFault::Socket(path.to_owned(), fault));
        let failed = |error: io::Error| refused(SocketFault::Io(error.into()));
        let folder = path.parent().filter(|it| it.is_absolute()).unwrap_or(Path::new("/"));
        let user = rustix::process::geteuid().as_raw();
        // Without the lock, two servers that start at the same time would each treat the other's socket file as
        // left behind.
        let _lock = lock(folder, user)?;
        if let Ok(metadata) = fs::symlink_metadata(path) {
            if !metadata.file_type().is_socket() {
                return Err(refused(SocketFault::NoSocket));
            }
            match std::os::unix::net::UnixStream::connect(path) {
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused && metadata.uid() == user => {
                    fs::remove_file(path).map_err(failed)?;
                }
                _ => return Err(refused(SocketFault::Taken)),
            }
        }
        let listener = UnixListener::bind(path).map_err(failed)?;
        // Until this call, the umask may have allowed other users to connect. `accept` refuses their connections.
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(failed)?;
        let metadata = fs::symlink_metadata(path).map_err(failed)?;
        Ok(Self { listener, path: path.to_owned(), file: (metadata.dev(), metadata.ino()), user })
    }

    /// Accepts the next client. Returns `None` if the client does not run as the user of this server.
    pub(super) async fn accept(&self) -> io::Result<Option<UnixStream>> {
        let (stream, _) = self.listener.accept().await?;
        Ok(is_of(&stream, self.user).then_some(stream))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// Whether the peer process ran as `user` when it connected.
fn is_of(stream: &UnixStream, user: u32) -> bool {
    match stream.peer_cred() {
        Ok(peer) if peer.uid() == user => true,
        Ok(peer) => {
            tracing::debug!(user = peer.uid(), "a client of another user was refused");
            false
        }
        Err(error) => {
            tracing::warn!(%error, "a client was refused, because its operating system user is unknown");
            false
        }
    }
}

/// Locks the folder until the socket is created. Other users must not be able to replace files in it.
fn lock(folder: &Path, user: u32) -> Result<OwnedFd, ServeError> {
    let refused = |fault| ServeError::from(ServeFault::SocketFolder(folder.to_owned(), fault));
    let failed = |error: io::Error| refused(FolderFault::Io(error.into()));
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let opened = rustix::fs::open(folder, flags, Mode::empty()).map_err(|error| failed(error.into()))?;
    let stat = rustix::fs::fstat(&opened).map_err(|error| failed(error.into()))?;
    let mode = Mode::from_raw_mode(stat.st_mode);
    let others_can_write = mode.intersects(Mode::WGRP | Mode::WOTH) && !mode.contains(Mode::SVTX);
    if others_can_write || (stat.st_uid != user && stat.st_uid != 0) {
        return Err(refused(FolderFault::OpenToOthers));
    }
    // The server does not wait for the lock, because in a shared folder any user could hold the lock forever.
    let locked = rustix::fs::flock(&opened, FlockOperation::NonBlockingLockExclusive);
    locked.map_err(|_| refused(FolderFault::Busy))?;
    Ok(opened)
}

impl Drop for Socket {
    fn drop(&mut self) {
        let there = fs::symlink_metadata(&self.path);
        if there.is_ok_and(|there| (there.dev(), there.ino()) == self.file) {
            // If the socket file cannot be removed, the next server replaces it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[tokio::test]
    async fn socket_is_private_and_removed_on_drop() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.sock");
        let socket = Socket::bind(&path).unwrap();
        assert_eq!(mode(&path), 0o600);
        let (client, accepted) = tokio::join!(UnixStream::connect(&path), socket.accept());
        assert!(client.is_ok() && accepted.unwrap().is_some());
        let second = Socket::bind(&path).unwrap_err().to_string();
        assert!(second.contains("another server"), "{second}");
        drop(socket);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn socket_refuses_clients_of_another_operating_system_user() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.sock");
        let mut socket = Socket::bind(&path).unwrap();
        socket.user += 1;
        let (client, accepted) = tokio::join!(UnixStream::connect(&path), socket.accept());
        assert!(client.is_ok() && accepted.unwrap().is_none());
    }

    #[tokio::test]
    async fn only_a_socket_file_without_a_server_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.sock");
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        let first = Socket::bind(&path).unwrap();
        // Another server has replaced the file, so this server must not remove it.
        fs::remove_file(&path).unwrap();
        let second = Socket::bind(&path).unwrap();
        drop(first);
        assert!(path.exists());
        drop(second);
        fs::write(&path, "mine").unwrap();
        assert!(Socket::bind(&path).unwrap_err().to_string().contains("is not a socket"));
        assert_eq!(fs::read(&path).unwrap(), b"mine");
    }

    #[tokio::test]
    async fn socket_in_a_folder_that_other_users_can_write_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.sock");
        for (mode, is_safe) in [(0o777, false), (0o770, false), (0o1777, true), (0o755, true)] {
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(Socket::bind(&path).is_ok(), is_safe, "{mode:o}");
        }
    }
}
