// Generates the parser's grammar, the syntax tree's types and the TextMate grammar from server/language/synth.langium: `npm run language`.
// Langium's parser groups with Object.groupBy, which Node 20 has not.
Object.groupBy ??= (items, key) => {
  const groups = Object.create(null);
  let i = 0;
  for (const item of items) (groups[key(item, i++)] ??= []).push(item);
  return groups;
};
process.argv = [process.argv[0], process.argv[1], 'generate', '-f', 'langium-config.json', '--mode', 'production', ...process.argv.slice(2)];
await import('../node_modules/langium-cli/bin/langium.js');
