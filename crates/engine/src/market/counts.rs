//! Open orders and waiting stops of each account on one instrument.

/// Accounts in a page.
const PAGE: usize = 1 << 12;

/// What the count filters ask of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Count {
    pub(crate) orders: u32,
    pub(crate) stops: u32,
}

/// Counts by account number, in pages made on first use: a plain load on the way of an order.
#[derive(Debug, Clone, Default)]
pub(crate) struct AccountCounts {
    pages: Vec<Option<Box<[Count]>>>,
}

impl AccountCounts {
    #[inline]
    pub(crate) fn get(&self, account: u32) -> Count {
        let account = account as usize;
        match self.pages.get(account / PAGE) {
            Some(Some(page)) => page[account % PAGE],
            _ => Count::default(),
        }
    }

    #[inline]
    pub(crate) fn of(&mut self, account: u32) -> &mut Count {
        let account = account as usize;
        if account / PAGE >= self.pages.len() {
            self.pages.resize(account / PAGE + 1, None);
        }
        let page = &mut self.pages[account / PAGE];
        let page = page.get_or_insert_with(|| vec![Count::default(); PAGE].into());
        &mut page[account % PAGE]
    }
}
