// Prints the files of all modules that the process has loaded when it ends.
process.on('exit', () => process.stderr.write(Object.keys(require.cache).join('\n')));
