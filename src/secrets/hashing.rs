//! Where passwords are hashed: on a few threads of their own, each with one piece of memory that it uses again and again. With the server's
//! threads and new memory for each sign-in, a flood of them would come to hundreds of megabytes that are never given back.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::password_hash::{CustomizedPasswordHasher, Error, PasswordHasher};
use argon2::{Algorithm, Argon2, Block, Params, Version};

/// The memory of a hashing, and how much work all of them were.
pub(super) struct Memory {
    blocks: Vec<Block>,
    filled: Arc<AtomicU64>,
}

impl Memory {
    /// As many blocks as a hashing of this cost takes; each of them is filled once in every pass.
    fn blocks_for(&mut self, params: &Params) -> &mut [Block] {
        let filled = u64::try_from(params.block_count()).unwrap_or(u64::MAX);
        let filled = filled.saturating_mul(params.t_cost().into());
        self.filled.fetch_add(filled, Ordering::Relaxed);
        self.blocks.resize(params.block_count(), Block::default());
        &mut self.blocks
    }
}

/// Argon2id in memory that is there already. What it makes and verifies is what the crate itself does.
pub(super) struct Hasher<'memory> {
    params: Params,
    memory: RefCell<&'memory mut Memory>,
}

impl<'memory> Hasher<'memory> {
    /// A hasher of the given cost.
    pub(super) fn new(params: Params, memory: &'memory mut Memory) -> Self {
        Self { params, memory: RefCell::new(memory) }
    }

    fn hash(
        &self,
        (algorithm, version): (Algorithm, Version),
        params: &Params,
        password: &[u8],
        salt: &[u8],
    ) -> Result<PasswordHash, Error> {
        let salt = Salt::new(salt)?;
        let mut output = [0_u8; Output::MAX_LENGTH];
        let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
        let output = output.get_mut(..length).ok_or(Error::OutputSize)?;
        let mut memory = self.memory.borrow_mut();
        let argon2 = Argon2::new(algorithm, version, params.clone());
        argon2.hash_password_into_with_memory(password, &salt, output, memory.blocks_for(params))?;
        Ok(PasswordHash {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: ParamsString::try_from(params)?,
            salt: Some(salt),
            hash: Some(Output::new(output)?),
        })
    }
}

impl PasswordHasher<PasswordHash> for Hasher<'_> {
    fn hash_password_with_salt(&self, password: &[u8], salt: &[u8]) -> Result<PasswordHash, Error> {
        self.hash((Algorithm::Argon2id, Version::V0x13), &self.params, password, salt)
    }
}

impl CustomizedPasswordHasher<PasswordHash> for Hasher<'_> {
    type Params = Params;

    fn hash_password_customized(
        &self,
        password: &[u8],
        salt: &[u8],
        algorithm: Option<&str>,
        version: Option<u32>,
        params: Params,
    ) -> Result<PasswordHash, Error> {
        let algorithm = algorithm.map(Algorithm::try_from).transpose()?.unwrap_or_default();
        let version = version.map(Version::try_from).transpose()?.unwrap_or_default();
        self.hash((algorithm, version), &params, password, salt)
    }
}

type Hashing = Box<dyn FnOnce(&mut Memory) + Send>;

/// The threads that hash. They end when nobody can ask them any more.
#[derive(Clone)]
pub(super) struct Hashers {
    queue: mpsc::Sender<Hashing>,
    filled: Arc<AtomicU64>,
}

impl Hashers {
    /// Starts so many: each hashing takes 19 MiB, and a flood of sign-ins waits instead of eating the memory.
    pub(super) fn new(at_once: usize) -> Self {
        let (queue, work) = mpsc::channel::<Hashing>();
        let work = Arc::new(Mutex::new(work));
        let filled = Arc::new(AtomicU64::new(0));
        for _ in 0..at_once {
            let work = Arc::clone(&work);
            let mut memory = Memory { blocks: Vec::new(), filled: Arc::clone(&filled) };
            let hash = move || {
                loop {
                    let next = work.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(hashing) = next else { return };
                    hashing(&mut memory);
                }
            };
            if let Err(error) = thread::Builder::new().name("passwords".to_owned()).spawn(hash) {
                tracing::error!(%error, "the system gives no thread for passwords");
            }
        }
        Self { queue, filled }
    }

    /// Blocks of memory that all hashings have filled so far.
    pub(super) fn filled(&self) -> u64 {
        self.filled.load(Ordering::Relaxed)
    }

    /// Waits for its turn and for the result; `None` when there is nobody to do it.
    pub(super) fn run<T: Send + 'static>(
        &self,
        hashing: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Option<T> {
        let (result, done) = mpsc::channel();
        let hashing = move |memory: &mut Memory| {
            // whoever asked may have given up
            let _ = result.send(hashing(memory));
        };
        self.queue.send(Box::new(hashing)).ok()?;
        done.recv().ok()
    }
}
