#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entries::imap_responses(bytes));
