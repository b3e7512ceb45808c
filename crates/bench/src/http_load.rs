//! Requests over HTTP as fast as they are answered: so many connections, each with one on its way.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

const PIECE: usize = 64 << 10;
/// The longest answer that is taken.
const ANSWER_MAX: usize = 4 << 20;
/// Nothing came for so long: the server is stuck.
const PATIENCE: Duration = Duration::from_secs(20);
const LATENCY_MAX_NS: u64 = 60_000_000_000;

/// What came of a load.
#[derive(Debug)]
pub struct Load {
    /// From the first request to the last answer.
    pub elapsed: Duration,
    /// From a request's sending to its answer's last byte, in nanoseconds.
    pub latencies_ns: Histogram<u64>,
    /// Answers by status.
    pub statuses: Vec<(u16, u64)>,
    /// The number behind the first `"orderId":` of each answer that has one.
    pub order_ids: Vec<u64>,
    /// Bytes of all answers, heads included.
    pub bytes: u64,
}

/// Why a load could not be finished.
#[derive(Debug)]
pub enum LoadError {
    /// The network failed, or a connection was closed.
    Io(std::io::Error),
    /// An answer is no HTTP that a load understands.
    Malformed(&'static str),
}

impl From<std::io::Error> for LoadError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Malformed(what) => f.write_str(what),
        }
    }
}

/// One connection and the request that it waits for.
struct Connection {
    stream: TcpStream,
    sent: Instant,
    is_waiting: bool,
    answer: Vec<u8>,
    /// Room for what one read brings.
    piece: Vec<u8>,
}

/// Sends all requests, each whole as it goes over the wire, over so many connections.
///
/// # Errors
/// The network failed, an answer was no HTTP with a length, or none came for 20 seconds.
///
/// # Panics
/// Never: the bounds of the histogram are constant and fair.
pub fn run(
    address: SocketAddr,
    requests: &[Vec<u8>],
    connections: usize,
) -> Result<Load, LoadError> {
    let mut open = (0..connections.min(requests.len()))
        .map(|_| Connection::open(address))
        .collect::<Result<Vec<_>, _>>()?;
    let mut load = Load {
        elapsed: Duration::ZERO,
        latencies_ns: Histogram::new_with_max(LATENCY_MAX_NS, 3).expect("the bounds are fair"),
        statuses: Vec::new(),
        order_ids: Vec::new(),
        bytes: 0,
    };
    let mut rest = requests.iter();
    let start = Instant::now();
    for connection in &mut open {
        if let Some(request) = rest.next() {
            connection.send(request)?;
        }
    }
    let mut waited: Vec<libc::pollfd> = open.iter().map(Connection::polled).collect();
    let mut left = requests.len();
    while left > 0 {
        wait(&mut waited)?;
        for (connection, polled) in open.iter_mut().zip(&waited) {
            if polled.revents == 0 || !connection.is_waiting || !connection.receive(&mut load)? {
                continue;
            }
            left -= 1;
            if let Some(request) = rest.next() {
                connection.send(request)?;
            }
        }
    }
    load.elapsed = start.elapsed();
    Ok(load)
}

fn wait(waited: &mut [libc::pollfd]) -> Result<(), LoadError> {
    let patience_ms = PATIENCE.as_millis() as i32;
    // SAFETY: the pointer and the count are those of the slice.
    let ready = unsafe { libc::poll(waited.as_mut_ptr(), waited.len() as u64, patience_ms) };
    match ready {
        0 => Err(LoadError::Malformed("no answer came for 20 seconds")),
        1.. => Ok(()),
        _ => Err(std::io::Error::last_os_error().into()),
    }
}

impl Connection {
    fn open(address: SocketAddr) -> Result<Self, LoadError> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Self {
            stream,
            sent: Instant::now(),
            is_waiting: false,
            answer: Vec::with_capacity(PIECE),
            piece: vec![0; PIECE],
        })
    }

    fn polled(&self) -> libc::pollfd {
        libc::pollfd {
            fd: self.stream.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        }
    }

    fn send(&mut self, request: &[u8]) -> Result<(), LoadError> {
        self.answer.clear();
        self.is_waiting = true;
        self.sent = Instant::now();
        // A request is shorter than the socket's buffer, which is empty while none is on its way.
        self.stream.write_all(request)?;
        Ok(())
    }

    /// Reads what is there; whether the answer is whole, and noted.
    fn receive(&mut self, load: &mut Load) -> Result<bool, LoadError> {
        loop {
            match self.stream.read(&mut self.piece) {
                Ok(0) => return Err(LoadError::Malformed("the server closed a connection")),
                Ok(length) => self.answer.extend_from_slice(&self.piece[..length]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error.into()),
            }
            if self.answer.len() > ANSWER_MAX {
                return Err(LoadError::Malformed("an answer is too long"));
            }
            if let Some(answer) = Answer::read(&self.answer)? {
                self.is_waiting = false;
                load.note(&answer, self.sent.elapsed(), self.answer.len());
                return Ok(true);
            }
        }
    }
}

impl Load {
    fn note(&mut self, answer: &Answer<'_>, latency: Duration, bytes: usize) {
        self.latencies_ns
            .saturating_record(latency.as_nanos() as u64);
        self.bytes += bytes as u64;
        match self
            .statuses
            .iter_mut()
            .find(|(status, _)| *status == answer.status)
        {
            Some((_, count)) => *count += 1,
            None => self.statuses.push((answer.status, 1)),
        }
        self.order_ids.extend(answer.order_id());
    }
}

/// An answer that is whole.
struct Answer<'a> {
    status: u16,
    body: &'a [u8],
}

impl<'a> Answer<'a> {
    /// The answer at the start of what came, `None` while its end is still to come.
    fn read(bytes: &'a [u8]) -> Result<Option<Self>, LoadError> {
        let Some(end) = find(bytes, b"\r\n\r\n") else {
            return Ok(None);
        };
        let (head, rest) = (&bytes[..end + 2], &bytes[end + 4..]);
        let status = head
            .get(9..12)
            .and_then(number)
            .ok_or(LoadError::Malformed("an answer without a status"))?;
        let length = length_of(head).ok_or(LoadError::Malformed("an answer without a length"))?;
        Ok(rest.get(..length).map(|body| Self {
            status: status as u16,
            body,
        }))
    }

    fn order_id(&self) -> Option<u64> {
        const NAME: &[u8] = b"\"orderId\":";
        let digits = &self.body[find(self.body, NAME)? + NAME.len()..];
        let end = digits.iter().position(|byte| !byte.is_ascii_digit())?;
        number(&digits[..end])
    }
}

fn length_of(head: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"content-length:";
    let line = head
        .split(|byte| *byte == b'\n')
        .find(|line| line.len() > NAME.len() && line[..NAME.len()].eq_ignore_ascii_case(NAME))?;
    Some(number(line[NAME.len()..].trim_ascii())? as usize)
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::thread;

    #[test]
    fn an_answer_is_read_when_it_is_whole() {
        let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{\"orderId\":17}";
        assert!(Answer::read(&bytes[..30]).unwrap().is_none());
        assert!(Answer::read(&bytes[..bytes.len() - 1]).unwrap().is_none());
        let answer = Answer::read(bytes).unwrap().unwrap();
        assert_eq!((answer.status, answer.order_id()), (200, Some(17)));
        assert!(Answer::read(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }

    #[test]
    fn every_request_is_answered_once() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                thread::spawn(move || serve(stream.unwrap()));
            }
        });
        let requests = vec![b"GET / HTTP/1.1\r\n\r\n".to_vec(); 100];
        let load = run(address, &requests, 7).unwrap();
        assert_eq!(load.statuses, [(201, 100)]);
        assert_eq!(load.latencies_ns.len(), 100);
        assert_eq!(load.order_ids, [5; 100]);
    }

    fn serve(mut stream: TcpStream) {
        let mut request = [0; 64];
        while stream.read(&mut request).is_ok_and(|length| length > 0) {
            let answer = b"HTTP/1.1 201 Created\r\ncontent-length: 13\r\n\r\n{\"orderId\":5}";
            let (first, second) = answer.split_at(20);
            stream.write_all(first).unwrap();
            stream.write_all(second).unwrap();
        }
    }
}
