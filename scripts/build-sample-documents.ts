// Renders scripts/sample-documents/<namespace>/<name>.md to the PDF or DOCX that the persona's documents.yaml lists.
// Run: node scripts/build-sample-documents.ts [persona folder, default personas/herman]
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Document, Footer, HeadingLevel, LevelFormat, Packer, PageNumber, Paragraph, TextRun } from 'docx';
import { fromMarkdown } from 'mdast-util-from-markdown';
import PdfKit from 'pdfkit';

import { parseDocument } from '../src/server/ingestion/parse-document.ts';

type Block =
  | { kind: 'heading'; level: number; text: string }
  | { kind: 'prose'; text: string }
  | { kind: 'item'; marker: string; list: number; text: string };

type Tree = ReturnType<typeof fromMarkdown>;
type TreeNode = Tree | Tree['children'][number] | { type: string; value?: string; children?: TreeNode[] };

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** The same bytes come out of every run. */
const creationDate = new Date('2026-01-01T00:00:00Z');
const author = 'WWHD sample content';
/** A5 in points, so that a short text has several pages to cite. */
const pageSize: [number, number] = [419.53, 595.28];
const margin = 54;

const personaFolder = join(root, process.argv[2] ?? 'personas/herman');
const sources = join(root, 'scripts/sample-documents');
for (const namespace of readdirSync(sources)) {
  for (const file of readdirSync(join(sources, namespace)).filter((name) => name.endsWith('.md'))) {
    await buildOne(namespace, basename(file, '.md'));
  }
}

async function buildOne(namespace: string, name: string): Promise<void> {
  const folder = join(personaFolder, 'knowledge', namespace);
  const list = join(folder, 'documents.yaml');
  const isWord = existsSync(list) && readFileSync(list, 'utf8').includes(`${name}.docx`);
  const target = join(folder, `${name}.${isWord ? 'docx' : 'pdf'}`);
  const blocks = readBlocks(readFileSync(join(sources, namespace, `${name}.md`), 'utf8'));
  const bytes = isWord ? await renderWord(blocks) : await renderPdf(blocks);
  const built = await parseDocument({ bytes, fileName: target });
  // A DOCX carries the time of its writing, so that it is left alone while its text is the same.
  const isUnchanged =
    existsSync(target) &&
    (await parseDocument({ bytes: readFileSync(target), fileName: target })).text === built.text;
  if (!(isWord && isUnchanged)) writeFileSync(target, bytes);
  const pages = built.pageCount === undefined ? '' : `, ${built.pageCount} pages`;
  console.log(`${target.slice(root.length + 1)}: ${built.text.length} characters${pages}`);
}

function readBlocks(markdown: string): Block[] {
  let list = 0;
  return fromMarkdown(markdown).children.flatMap((node): Block[] => {
    if (node.type === 'heading') return [{ kind: 'heading', level: node.depth, text: plainText(node) }];
    if (node.type !== 'list') return [{ kind: 'prose', text: plainText(node) }];
    list += 1;
    return node.children.map((item, index) => ({
      kind: 'item',
      marker: node.ordered ? `${(node.start ?? 1) + index}.` : '•',
      list,
      text: plainText(item),
    }));
  });
}

function plainText(node: TreeNode): string {
  if ('value' in node && typeof node.value === 'string') return node.value.replace(/\s+/g, ' ');
  return 'children' in node ? (node.children ?? []).map((child) => plainText(child)).join('') : '';
}

function titleOf(blocks: Block[]): string {
  return blocks.find((block) => block.kind === 'heading')?.text ?? 'Untitled';
}

function renderPdf(blocks: Block[]): Promise<Buffer> {
  const title = titleOf(blocks);
  const pdf = new PdfKit({
    size: pageSize,
    margins: { top: margin, bottom: margin + 12, left: margin, right: margin },
    bufferPages: true,
    info: { Title: title, Author: author, CreationDate: creationDate, ModDate: creationDate },
  });
  const chunks: Buffer[] = [];
  const done = new Promise<Buffer>((resolve, reject) => {
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
    pdf.on('end', () => resolve(Buffer.concat(chunks)));
    pdf.on('error', reject);
  });
  for (const block of blocks) drawBlock(pdf, block);
  drawFooters(pdf, title);
  pdf.end();
  return done;
}

function drawBlock(pdf: PDFKit.PDFDocument, block: Block): void {
  if (block.kind === 'heading') {
    const size = block.level === 1 ? 20 : block.level === 2 ? 14 : 12.5;
    // A heading stays with the first lines below it.
    if (pdf.y > pageSize[1] - margin - 90) pdf.addPage();
    pdf.font('Helvetica-Bold').fontSize(size).text(block.text, margin, pdf.y, { lineGap: 2 });
    pdf.moveDown(0.4);
    return;
  }
  pdf.font('Times-Roman').fontSize(11);
  if (block.kind === 'prose') {
    pdf.text(block.text, margin, pdf.y, { lineGap: 3 });
  } else {
    pdf.text(`${block.marker} ${block.text}`, margin + 12, pdf.y, {
      lineGap: 3,
      width: pageSize[0] - 2 * margin - 12,
    });
  }
  pdf.moveDown(0.7);
}

function drawFooters(pdf: PDFKit.PDFDocument, title: string): void {
  const { start, count } = pdf.bufferedPageRange();
  for (let index = 0; index < count; index += 1) {
    pdf.switchToPage(start + index);
    // Below the bottom margin pdfkit would start a new page for each footer.
    pdf.page.margins.bottom = 0;
    pdf.font('Helvetica').fontSize(8);
    pdf.text(`${title} · Page ${index + 1} of ${count}`, margin, pageSize[1] - 40, {
      width: pageSize[0] - 2 * margin,
      align: 'center',
      lineBreak: false,
    });
  }
}

function renderWord(blocks: Block[]): Promise<Buffer> {
  const levels = [HeadingLevel.HEADING_1, HeadingLevel.HEADING_2, HeadingLevel.HEADING_3] as const;
  const document = new Document({
    title: titleOf(blocks),
    creator: author,
    numbering: {
      config: [
        {
          reference: 'steps',
          levels: [{ level: 0, format: LevelFormat.DECIMAL, text: '%1.', alignment: 'left' }],
        },
      ],
    },
    sections: [
      {
        footers: { default: new Footer({ children: [new Paragraph({ children: [pageNumber()] })] }) },
        children: blocks.map((block) => {
          if (block.kind === 'heading') {
            return new Paragraph({
              text: block.text,
              heading: levels[Math.min(block.level, 3) - 1] ?? levels[2],
            });
          }
          if (block.kind === 'prose') return new Paragraph({ text: block.text, spacing: { after: 160 } });
          return block.marker === '•'
            ? new Paragraph({ text: block.text, bullet: { level: 0 } })
            : new Paragraph({
                text: block.text,
                numbering: { reference: 'steps', level: 0, instance: block.list },
              });
        }),
      },
    ],
  });
  return Packer.toBuffer(document);
}

function pageNumber(): TextRun {
  return new TextRun({ children: ['Page ', PageNumber.CURRENT] });
}
