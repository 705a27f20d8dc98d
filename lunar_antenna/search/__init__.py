"""Search of layouts: what a study is, how it runs, what it leaves behind."""
