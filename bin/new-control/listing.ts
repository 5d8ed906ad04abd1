const IMPORT = /^import \w+ from '\.\/([a-z0-9-]+)\.ts';$/;
const WIDTH = 120;
/** Names that JavaScript keeps for itself: the import of `delete.ts` needs another. */
const RESERVED =
  /^(await|break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|export|extends|false|finally|for|function|if|implements|import|in|instanceof|interface|let|new|null|package|private|protected|public|return|static|super|switch|this|throw|true|try|typeof|var|void|while|with|yield)$/;

/** The text of a platform's index.ts with one more control, formatted as the linter wants it; undefined where the text has no such list. */
export function listedIn(index: string, file: string): string | undefined {
  const list = /= \[([^\]]*)\];\n/.exec(index);
  if (list === null) return undefined;
  const name = identifierOf(file);
  const items = [
    ...(list[1] ?? '')
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
    name,
  ];
  const listing = `= [${items.join(', ')}];\n`;
  const declaration = index.slice(index.lastIndexOf('\n', list.index) + 1, list.index);
  const fits = declaration.length + listing.trimEnd().length <= WIDTH;
  const written = fits ? listing : `= [\n${items.map((item) => `  ${item},\n`).join('')}];\n`;
  const text = index.slice(0, list.index) + written + index.slice(list.index + list[0].length);
  return withImport(text, file, `import ${name} from './${file}.ts';`);
}

/** Imports of the folder's own files stand in the order of their names. */
function withImport(text: string, file: string, line: string): string {
  const lines = text.split('\n');
  const later = lines.findIndex((candidate) => {
    const [, other] = IMPORT.exec(candidate) ?? [];
    return other !== undefined && compareNames(other, file) > 0;
  });
  const lastOfFolder = lines.findLastIndex((candidate) => IMPORT.test(candidate));
  return lines.toSpliced(later === -1 ? lastOfFolder + 1 : later, 0, line).join('\n');
}

export const { compare: compareNames } = new Intl.Collator('en', { numeric: true });

function identifierOf(file: string): string {
  const name = file.replaceAll(/-([a-z0-9])/g, (_hyphen, letter: string) => letter.toUpperCase());
  return RESERVED.test(name) ? `${name}Control` : name;
}
