type Row = Readonly<Record<string, unknown>>;

/** Opens the database, asks one thing and closes it; a file is opened read-only. */
export async function queryOnce(file: string, sql: string): Promise<Row[]> {
  // Loaded here, not at the top: that it cannot be loaded is one of the things a doctor must find.
  const { default: sqlite3 } = await import("sqlite3");
  const mode = file === ":memory:" ? sqlite3.OPEN_READWRITE : sqlite3.OPEN_READONLY;
  return new Promise((resolve, reject) => {
    const database = new sqlite3.Database(file, mode, (openError) => {
      if (openError !== null) return reject(openError);
      database.all<Row>(sql, (error, rows) => {
        database.close();
        if (error === null) resolve(rows);
        else reject(error);
      });
    });
  });
}
