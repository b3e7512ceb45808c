//! Asking the system to back large memory with large pages.

/// Bytes of a page, and of the large page that a large allocation is worth.
const PAGE: usize = 4_096;
const WORTH_IT: usize = 4 << 20;

/// Asks for large pages behind a large reserved vector, before its memory is touched: a deep book
/// is read at random, and each small page would cost a walk through the page tables.
pub(crate) fn advise<T>(reserved: &Vec<T>) {
    let bytes = reserved.capacity() * size_of::<T>();
    if bytes < WORTH_IT {
        return;
    }
    #[cfg(target_os = "linux")]
    {
        let start = reserved.as_ptr().addr().next_multiple_of(PAGE);
        let end = (reserved.as_ptr().addr() + bytes) / PAGE * PAGE;
        let pages = reserved.as_ptr().with_addr(start).cast_mut().cast();
        // SAFETY: the pages lie within the vector's own memory, and advice changes no content. It
        // may be refused, which costs speed only.
        unsafe { libc::madvise(pages, end - start, libc::MADV_HUGEPAGE) };
    }
}
